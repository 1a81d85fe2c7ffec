"""Form definitions: one definition, several faces (web, chat, e-mail).

Pure: values in, values out; words come from :mod:`azbot.i18n` by key.
"""
