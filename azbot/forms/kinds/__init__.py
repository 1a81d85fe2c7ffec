"""The kinds of answers, one validator each.

Every face of a form (web, chat, e-mail) asks the same validator, so all refuse
the same value with the same words.
"""

from azbot.forms.kinds.answers import (
    NO_LISTS,
    Accepted,
    Context,
    Kind,
    Lists,
    Option,
    Problem,
    Raw,
    Value,
)
from azbot.forms.kinds.choices import (
    OTHER,
    Choice,
    MultipleChoice,
    find_option,
    other_words,
)
from azbot.forms.kinds.contact import Email, Phone, country_code, read_phone
from azbot.forms.kinds.devices import Distance, Mac, SerialNumber
from azbot.forms.kinds.files import Files
from azbot.forms.kinds.places import (
    Country,
    Place,
    Postcode,
    french_postcode_problem,
)
from azbot.forms.kinds.records import Part, Repeated, Signature
from azbot.forms.kinds.texts import (
    CheckPoint,
    Decimal,
    Integer,
    LongText,
    Text,
    YesNo,
)
from azbot.forms.kinds.times import Moment, TimeOfDay, local_moment, read_time

__all__ = [
    "NO_LISTS",
    "OTHER",
    "Accepted",
    "CheckPoint",
    "Choice",
    "Context",
    "Country",
    "Decimal",
    "Distance",
    "Email",
    "Files",
    "Integer",
    "Kind",
    "Lists",
    "LongText",
    "Mac",
    "Moment",
    "MultipleChoice",
    "Option",
    "Part",
    "Phone",
    "Place",
    "Postcode",
    "Problem",
    "Raw",
    "Repeated",
    "SerialNumber",
    "Signature",
    "Text",
    "TimeOfDay",
    "Value",
    "YesNo",
    "country_code",
    "find_option",
    "french_postcode_problem",
    "local_moment",
    "other_words",
    "read_phone",
    "read_time",
]
