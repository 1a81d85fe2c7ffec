"""Technical reports: what they say, how they are drawn, how they are sealed.

``content`` holds the values of a report, ``visit`` makes them from a finished
intervention, ``pdf`` draws them, ``seal`` signs the result and says later what was
altered. Importing this package loads neither fpdf2 nor pypdf.
"""
