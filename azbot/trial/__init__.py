"""« Mode essai »: azbot as it is set up, and no letter leaves until the switch."""
