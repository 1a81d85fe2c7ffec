"""How azbot fares: loops kept alive, what needs somebody, errors nobody foresaw."""
