"""The room of programs: every command and every list as a REST API.

``operations`` says what exists; routes, validation and the OpenAPI document are all
made from that one table, so that none of them can lag behind.
"""
