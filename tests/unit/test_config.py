"""The configuration file: what it takes, what it refuses, and in which words."""

# ruff: noqa: E501 - a sentence that is expected stands as it is shown

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from datetime import date, time
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, SecretStr
from pydantic_core import PydanticUndefined

from azbot.channels.email.settings import EmailSettings, ImapSettings
from azbot.channels.telegram.settings import TelegramSettings
from azbot.config import CORE, Settings, load
from azbot.config.places import places
from azbot.config.shapes import section_of
from azbot.errors import ConfigError, Problem
from azbot.i18n.catalogue import LANGUAGES, strict_catalogue

CHANNELS: Mapping[str, type[BaseModel]] = {
    "email": EmailSettings,
    "telegram": TelegramSettings,
}
EXAMPLE = Path(__file__).parents[2] / "config.example.toml"
EMAIL = '[email]\naddress = "sav@example.org"\n'
NBSP = "\u00a0"


def settings_of(
    folder: Path, text: str, environ: Mapping[str, str] | None = None
) -> Settings:
    file = folder / "azbot.toml"
    file.write_text(text, encoding="utf-8")
    return load(file, CHANNELS, environ or {})


def problems_of(
    folder: Path, text: str | bytes, environ: Mapping[str, str] | None = None
) -> tuple[Problem, ...]:
    file = folder / "azbot.toml"
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    with pytest.raises(ConfigError) as caught:
        load(file, CHANNELS, environ or {})
    return caught.value.problems


def sentence(problem: Problem, language: str = "fr") -> str:
    words = strict_catalogue(language)
    return words.t(f"config.{problem.code}", **problem.facts)


# --- broken files ----------------------------------------------------------------

# File, line, path, sentence.
BROKEN: tuple[tuple[str, int | None, str, str], ...] = (
    ("[web]\nprot = 80\n", 2, "web.prot", "Clé inconnue : écrivez « port »."),
    ("[sevrice]\n", 1, "sevrice", "Section inconnue : écrivez [service]."),
    (
        "[zzzz]\n",
        1,
        "zzzz",
        (
            "Section inconnue : retirez-la. Sections possibles : "
            "service, store, web, workflow, retention, email, telegram, channels."
        ),
    ),
    (
        "[retention]\nqqqq = 1\n",
        2,
        "retention.qqqq",
        (
            "Clé inconnue dans [retention] : retirez-la. Clés possibles : years, "
            "archive_years."
        ),
    ),
    (
        "port = 80\n",
        1,
        "port",
        "Cette clé n’est pas à sa place : sa place est web.port.",
    ),
    (
        f'{EMAIL}host = "imap.example.org"\n',
        3,
        "email.host",
        "Cette clé n’est pas à sa place : sa place est email.imap.host.",
    ),
    (
        f'{EMAIL}[email.imapp]\nhost = "h"\n',
        3,
        "email.imapp",
        "Clé inconnue : écrivez « imap ».",
    ),
    (
        f'{EMAIL}imap.hots = "h"\n',
        3,
        "email.imap.hots",
        "Clé inconnue : écrivez « host ».",
    ),
    (
        f'{EMAIL}imap = {{ host = "h", securty = "tls" }}\n',
        3,
        "email.imap.securty",
        "Clé inconnue : écrivez « security ».",
    ),
    (
        f'{EMAIL}imap = {{ host = "h", security = "ssl" }}\n',
        3,
        "email.imap.security",
        "« ssl » n’est pas un choix possible : tls, starttls, none.",
    ),
    (
        f'{EMAIL}[email.smtp]\nhost = "h"\nsecurity = "TLS"\n',
        5,
        "email.smtp.security",
        "« TLS » n’est pas un choix possible : tls, starttls, none.",
    ),
    (f"{EMAIL}[email.imap]\n", 3, "email.imap.host", "Cette clé manque : ajoutez-la."),
    (
        f'{EMAIL}[email.imap]\nhost = ""\n',
        4,
        "email.imap.host",
        "Cette valeur est vide : complétez-la.",
    ),
    ("[email]\n", 1, "email.address", "Cette clé manque : ajoutez-la."),
    (
        '[email]\naddress = "SAV <sav@example.org>"\n',
        2,
        "email.address",
        (
            "« SAV <sav@example.org> » n’est pas une adresse e-mail : écrivez-la seule, "
            "par exemple sav@exemple.fr."
        ),
    ),
    (
        '[service]\ndesk = "sav example.org"\n',
        2,
        "service.desk",
        (
            "« sav example.org » n’est pas une adresse e-mail : écrivez-la seule, "
            "par exemple sav@exemple.fr."
        ),
    ),
    (
        f'{EMAIL}receiver = "authserv-id"\n',
        1,
        "email",
        (
            "receiver vaut authserv-id, mais authserv_id manque : écrivez le nom que "
            "votre serveur met dans Authentication-Results."
        ),
    ),
    (
        '[web]\nport = "8080"\n',
        2,
        "web.port",
        "« 8080 » n’est pas un nombre entier : écrivez-le en chiffres, sans guillemets.",
    ),
    (
        "[web]\nport = true\n",
        2,
        "web.port",
        "« true » n’est pas un nombre entier : écrivez-le en chiffres, sans guillemets.",
    ),
    ("[web]\nport = -1\n", 2, "web.port", "« -1 » est trop petit : 0 au moins."),
    (
        "[web]\nport = 70000\n",
        2,
        "web.port",
        "« 70000 » est trop grand : 65535 au plus.",
    ),
    (
        "[web]\nhost = 127\n",
        2,
        "web.host",
        "« 127 » n’est pas un texte : mettez-le entre guillemets droits.",
    ),
    (
        '[web]\npublic_url = "sav.example.org"\n',
        2,
        "web.public_url",
        (
            "« sav.example.org » n’est pas une adresse web : elle commence par https:// "
            "et ne contient pas d’espace."
        ),
    ),
    (
        "web = 8080\n",
        1,
        "web",
        (
            "C’est une section : ouvrez-la par son titre entre crochets, puis écrivez "
            "ses clés."
        ),
    ),
    (
        f"{EMAIL}imap = 993\n",
        3,
        "email.imap",
        (
            "C’est une section : ouvrez-la par son titre entre crochets, puis écrivez "
            "ses clés."
        ),
    ),
    (
        '[workflow]\nallow_waiver = "oui"\n',
        2,
        "workflow.allow_waiver",
        "« oui » n’est ni oui ni non : écrivez true ou false, sans guillemets.",
    ),
    (
        "[workflow]\nopens = 8\n",
        2,
        "workflow.opens",
        "« 8 » n’est pas une heure : écrivez-la ainsi, entre guillemets droits : 08:00.",
    ),
    (
        '[workflow]\nopens = "8h"\n',
        2,
        "workflow.opens",
        (
            "« 8h » n’est pas une heure : écrivez-la ainsi, entre guillemets droits : "
            "08:00."
        ),
    ),
    (
        '[workflow]\nopens = "09:00"\ncloses = "08:30"\n',
        3,
        "workflow.closes",
        (
            "« 08:30 » vient avant l’ouverture, à 09:00 : choisissez une heure plus "
            "tardive."
        ),
    ),
    (
        "[workflow]\nclosed_on = 2026-12-24\n",
        2,
        "workflow.closed_on",
        (
            "« 2026-12-24 » n’est pas une liste : mettez les valeurs entre crochets, "
            "séparées par des virgules."
        ),
    ),
    (
        '[workflow]\nclosed_on = ["24/12/2026"]\n',
        2,
        "workflow.closed_on",
        "« 24/12/2026 » n’est pas une date : écrivez-la ainsi : 2026-12-24.",
    ),
    (
        "[workflow]\nworking_days = []\n",
        2,
        "workflow.working_days",
        "Cette liste est vide : donnez au moins une valeur.",
    ),
    (
        "[workflow]\nworking_days = [\n  1,\n  8,\n]\n",
        2,
        "workflow.working_days",
        "« 8 » est trop grand : 7 au plus.",
    ),
    (
        "[workflow]\nanswer_hours = nan\n",
        2,
        "workflow.answer_hours",
        "« nan » n’est pas un nombre : écrivez-le en chiffres, sans guillemets.",
    ),
    (
        "[workflow]\ncomplement_reminder_days = [5, 2]\n",
        2,
        "workflow.complement_reminder_days",
        "Les rappels ne se suivent pas : rangez-les du plus proche au plus lointain.",
    ),
    (
        "[workflow]\nstation_silent_hours = 48\n",
        2,
        "workflow.station_silent_hours",
        "« 48 » vient avant le dernier rappel, à 48 : choisissez plus.",
    ),
    (
        "[workflow]\nclosing_days = 2\n",
        2,
        "workflow.closing_days",
        "« 2 » vient avant le dernier rappel, à 3 : choisissez plus.",
    ),
    (
        '[workflow]\nzone = "Europe/Lyon"\n',
        2,
        "workflow.zone",
        (
            "« Europe/Lyon » n’est pas un fuseau horaire : écrivez un nom IANA, par "
            "exemple Europe/Paris."
        ),
    ),
    (
        '[workflow]\ncountry = "fr"\n',
        2,
        "workflow.country",
        (
            "« fr » n’est pas un pays : écrivez ses deux lettres en majuscules, par "
            "exemple FR."
        ),
    ),
    (
        '[workflow]\nproof_required = ["marquage"]\n',
        2,
        "workflow.proof_required",
        (
            "« marquage » n’est pas un choix possible : marking, commissioning, "
            "incident_warranty, incident."
        ),
    ),
    (
        '[workflow]\nopens = "18:30"\n',
        1,
        "workflow.closes",
        (
            "« 18:00 » vient avant l’ouverture, à 18:30 : choisissez une heure plus "
            "tardive."
        ),
    ),
    (
        "[workflow]\nanswer_hours = 0\n",
        2,
        "workflow.answer_hours",
        "« 0 » est trop petit : plus de 0.",
    ),
    (
        "[workflow]\nanswer_hours = 720.5\n",
        2,
        "workflow.answer_hours",
        "« 720.5 » est trop grand : 720 au plus.",
    ),
    (
        "[retention]\nyears = 6\n",
        1,
        "retention.archive_years",
        "« 5 » est trop petit : l’archive dure au moins 6 ans, comme la clé years.",
    ),
    (
        '[service]\ncolour = "bleu"\n',
        2,
        "service.colour",
        (
            "« bleu » n’est pas une couleur : écrivez # et six chiffres hexadécimaux, par "
            "exemple #0b5c86."
        ),
    ),
    (
        f'[service]\norganisation = "{"x" * 81}"\n',
        2,
        "service.organisation",
        "Ce texte est trop long : 80 caractères au plus.",
    ),
    (
        '[store]\nurl = "mysql://u:hemlig@h/d"\n',
        2,
        "store.url",
        (
            "Cette base de données n’est pas connue : commencez par sqlite:/// ou "
            "postgresql://."
        ),
    ),
    (
        '[store]\nurl = "sqlite://"\n',
        2,
        "store.url",
        (
            "Une base en mémoire perdrait tout : donnez un fichier, par exemple "
            "sqlite:///data/azbot.db."
        ),
    ),
    (
        '[store.s3]\nbucket = "Fichiers"\n',
        2,
        "store.s3.bucket",
        (
            "« Fichiers » ne peut pas nommer un compartiment : il y faut 3 à 63 lettres "
            "minuscules, chiffres, points ou tirets."
        ),
    ),
    (
        '[store.s3]\nbucket = "files"\nendpoint = "s3.example.org/files"\n',
        3,
        "store.s3.endpoint",
        (
            "« s3.example.org/files » n’est pas l’adresse d’un service : écrivez "
            "https://machine ou https://machine:port, sans le nom du compartiment."
        ),
    ),
    (
        '[store.s3]\nbucket = "files"\nprefix = "/azbot"\n',
        3,
        "store.s3.prefix",
        (
            "« /azbot » ne peut pas commencer un nom dans le compartiment : lettres sans "
            "accent, chiffres, points, tirets, séparés par des barres obliques, sans "
            "barre au début."
        ),
    ),
    (
        '[store.s3]\nbucket = "files"\naccess_key = "AK"\n',
        1,
        "store.s3",
        (
            "Une clé a un nom (access_key) et un secret (secret_key) : donnez les deux, "
            "ou aucun pour ceux de l’environnement."
        ),
    ),
    (
        '[store.s3]\nbucket = "files"\naccess_key = "AK"\nsecret_key_env = "NO_S3"\n',
        4,
        "store.s3.secret_key_env",
        (
            "La variable d’environnement NO_S3 n’existe pas : définissez-la avant de "
            "lancer azbot."
        ),
    ),
    (
        '[store]\nurl_env = "AZBOT_DB"\n',
        2,
        "store.url_env",
        (
            "La variable d’environnement AZBOT_DB n’existe pas : définissez-la avant de "
            "lancer azbot."
        ),
    ),
    (
        f'{EMAIL}[email.imap]\nhost = "h"\npassword_env = "IMAP_PASSWORD"\n',
        5,
        "email.imap.password_env",
        (
            "La variable d’environnement IMAP_PASSWORD n’existe pas : définissez-la avant "
            "de lancer azbot."
        ),
    ),
    (
        f'{EMAIL}[email.imap]\nhost = "h"\npassword_env = "s3cret-word!"\n',
        5,
        "email.imap.password_env",
        (
            "Ce n’est pas un nom de variable : écrivez ici son nom, et le secret dans la "
            "variable."
        ),
    ),
    (
        f'{EMAIL}[email.imap]\nhost = "h"\npassword_env = "EMPTY"\n',
        5,
        "email.imap.password_env",
        "La variable d’environnement EMPTY est vide : donnez-lui le secret.",
    ),
    (
        f'{EMAIL}[email.smtp]\nhost = "h"\npassword_file = "absent"\n',
        5,
        "email.smtp.password_file",
        "Le fichier absent n’existe pas : créez-le, avec le seul secret à l’intérieur.",
    ),
    (
        f'{EMAIL}[email.smtp]\nhost = "h"\nca_file = "."\n',
        5,
        "email.smtp.ca_file",
        ". est un dossier : donnez le chemin du fichier.",
    ),
    (
        f'{EMAIL}[email.imap]\nhost = "h"\npassword = 5\n',
        5,
        "email.imap.password",
        "« ••• » n’est pas un texte : mettez-le entre guillemets droits.",
    ),
    (
        '[telegram]\ntoken = "t"\ntoken_env = "EMPTY"\n',
        3,
        "telegram.token_env",
        (
            "Le secret est donné à plusieurs endroits : gardez une seule de ces clés : "
            "token, token_env, token_file."
        ),
    ),
    (
        '[telegram]\napi_base_url = "api.telegram.org"\n',
        2,
        "telegram.api_base_url",
        (
            "« api.telegram.org » n’est pas une adresse web : elle commence par https:// "
            "et ne contient pas d’espace."
        ),
    ),
    # Not TOML at all.
    (
        "[web]\nport = 1\nport = 2\n",
        3,
        "",
        "Cette clé est donnée deux fois : gardez une seule des deux lignes.",
    ),
    (
        "[web]\nport = 1\n[store]\n[web]\n",
        4,
        "",
        "Cette section est ouverte deux fois : réunissez ses clés sous un seul titre.",
    ),
    ("[web]\nport 1\n", 2, "", "Il manque un signe égal : écrivez clé = valeur."),
    (
        "[web]\nport = 1 2\n",
        2,
        "",
        "Il y a du texte en trop après la valeur : retirez-le ou placez-le derrière #.",
    ),
    (
        "[web]\nhost = localhost\n",
        2,
        "",
        (
            "La valeur ne se lit pas : mettez un texte entre guillemets droits, écrivez "
            "true ou false en minuscules, et un nombre sans unité."
        ),
    ),
    (
        '[store]\nfiles = "C:\\azbot"\n',
        2,
        "",
        (
            "Une barre oblique inverse est mal placée : doublez-la, ou entourez le texte "
            "d’apostrophes droites."
        ),
    ),
    (
        '[web]\nhost = "localhost\n',
        2,
        "",
        "Un texte n’est pas fermé : ajoutez le guillemet droit qui manque à la fin.",
    ),
    (
        "[web\nport = 1\n",
        1,
        "",
        "Un crochet ou une accolade n’est pas fermé : ajoutez celui qui manque.",
    ),
    (
        "[web]\nclé = 1\n",
        2,
        "",
        "Il manque un signe égal : écrivez clé = valeur.",
    ),
    (
        "[web]\n- port: 1\n",
        2,
        "",
        "Il manque un signe égal : écrivez clé = valeur.",
    ),
)


@pytest.mark.parametrize(("text", "line", "path", "words"), BROKEN)
def test_a_mistake_is_told_with_its_line_and_its_repair(
    tmp_path: Path, text: str, line: int | None, path: str, words: str
) -> None:
    found = problems_of(tmp_path, text, {"EMPTY": ""})
    told = [(p.line, p.path, sentence(p).replace(NBSP, " ")) for p in found]
    assert (line, path, words) in told
    for problem in found:
        for language in LANGUAGES:
            assert sentence(problem, language)


def test_the_table_of_mistakes_is_long_enough() -> None:
    assert len(BROKEN) >= 60


def test_every_problem_is_told_at_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    text = '[web]\nport = "x"\nprot = 1\n[service]\nlanguage = "de"\n[nope]\n'
    found = problems_of(tmp_path, text, {"AZBOT_STORE__URL": "mysql://x"})
    assert [(p.line, p.path) for p in found] == [
        (2, "web.port"),
        (3, "web.prot"),
        (5, "service.language"),
        (6, "nope"),
        (None, "store.url"),
    ]


def test_one_key_is_complained_about_once(tmp_path: Path) -> None:
    found = problems_of(tmp_path, "[web]\nport = 1.5\n")
    assert [p.code for p in found] == ["not_integer"]


def test_no_sentence_repeats_a_secret(tmp_path: Path) -> None:
    text = (
        '[store]\nurl = "oracle://u:sesame1@h"\nurl_env = "sesame2 sesame2"\n'
        f'{EMAIL}[email.imap]\nhost = "h"\npassword = "sesame3"\n'
        'password_env = "sesame4-"\n[email.smtp]\nhost = "h"\npassword = ["sesame5"]\n'
    )
    found = problems_of(tmp_path, text)
    assert len(found) >= 4
    assert "sesame" not in " ".join(sentence(p) for p in found)
    assert "sesame" not in repr(found)


@pytest.mark.parametrize(
    ("content", "line", "code"),
    [
        ("[service]\norganisation = 'Société'\n".encode("latin-1"), 2, "not_utf8"),
        ("[web]\nport = 1\n".encode("utf-16"), 1, "not_utf8"),
        (b"#" * 1_000_001, None, "file_too_large"),
        (b"x = " + b"[" * 5000, None, "too_deep"),
    ],
)
def test_a_file_that_is_no_text_is_refused(
    tmp_path: Path, content: bytes, line: int | None, code: str
) -> None:
    (found,) = problems_of(tmp_path, content)
    assert (found.line, found.code) == (line, code)


def test_a_missing_file_and_a_folder_say_what_to_do(tmp_path: Path) -> None:
    for file, code in ((tmp_path / "no.toml", "no_file"), (tmp_path, "is_folder")):
        with pytest.raises(ConfigError) as caught:
            load(file, CHANNELS, {})
        assert [p.code for p in caught.value.problems] == [code]
        assert all(sentence(p) for p in caught.value.problems)


def test_every_problem_of_the_code_has_words_in_three_languages() -> None:
    folder = Path(load.__code__.co_filename).parent
    codes = {
        word
        for file in folder.glob("*.py")
        for word in re.findall(r'"([a-z]+(?:_[a-z]+)+)"', file.read_text("utf-8"))
    }
    told = {key for key in strict_catalogue("fr").keys if key.startswith("config.")}
    assert len(codes & {key.removeprefix("config.") for key in told}) > 50
    for language in LANGUAGES:
        assert told <= strict_catalogue(language).keys


# --- what is taken -----------------------------------------------------------------


def test_an_empty_file_gives_the_defaults(tmp_path: Path) -> None:
    settings = settings_of(tmp_path, "")
    assert settings.web.port == 8080
    assert settings.channels == {"email": None, "telegram": None}
    assert settings.workflow.opens == time(8)


def test_a_byte_order_mark_and_windows_line_ends_do_not_matter(tmp_path: Path) -> None:
    file = tmp_path / "azbot.toml"
    file.write_bytes(b"\xef\xbb\xbf[web]\r\nport = 81\r\n")
    assert load(file, CHANNELS, {}).web.port == 81
    (found,) = problems_of(tmp_path, b"\xef\xbb\xbf[web]\r\n\r\nport = 'x'\r\n")
    assert found.line == 3


def test_dotted_keys_inline_tables_and_dates_are_taken(tmp_path: Path) -> None:
    text = (
        f'{EMAIL}imap.host = "a"\nsmtp = {{host = "b", security = "tls", port = 465}}\n'
        '[workflow]\nopens = 07:30:00\ncloses = "19:00"\nclosed_on = [2026-12-24]\n'
    )
    settings = settings_of(tmp_path, text)
    email = settings.channels["email"]
    assert isinstance(email, EmailSettings)
    assert (email.imap and email.imap.host, email.smtp and email.smtp.port) == (
        "a",
        465,
    )
    assert settings.workflow.opens == time(7, 30)
    assert settings.workflow.closed_on == {date(2026, 12, 24)}


def test_relative_paths_begin_at_the_folder_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "word").write_text("s")
    text = f'{EMAIL}[email.imap]\nhost = "h"\npassword_file = "word"\n'
    settings = settings_of(tmp_path, text)
    email = settings.channels["email"]
    assert isinstance(email, EmailSettings)
    assert email.imap is not None
    assert email.imap.password_file == tmp_path / "word"
    assert email.imap.secret({}) == "s"
    assert settings.store.files == tmp_path / "data" / "files"
    assert settings.store.url == f"sqlite:///{tmp_path}/data/azbot.db"


def test_absolute_paths_and_other_databases_stay(tmp_path: Path) -> None:
    text = '[store]\nurl = "sqlite:////srv/a.db"\nfiles = "/srv/files"\n'
    store = settings_of(tmp_path, text).store
    assert (store.url, store.files) == ("sqlite:////srv/a.db", Path("/srv/files"))
    url = "postgresql://u:word@h/d"
    store = settings_of(tmp_path, '[store]\nurl_env = "DB"\n', {"DB": url}).store
    assert store.url == url
    assert "word" not in repr(store)


@pytest.mark.parametrize(
    "line",
    [
        'metrics_token = "scrape"',
        'metrics_token_env = "TOKEN"',
        'metrics_token_file = "token"',
    ],
)
def test_the_token_of_the_metrics_comes_from_wherever_it_is(
    tmp_path: Path, line: str
) -> None:
    (tmp_path / "token").write_text("scrape\n")
    web = settings_of(tmp_path, f"[web]\n{line}\n", {"TOKEN": "scrape"}).web
    assert web.metrics_token == SecretStr("scrape")
    assert "scrape" not in repr(web)


def test_what_the_web_believes_and_takes_can_be_set(tmp_path: Path) -> None:
    text = '[web]\ntrusted_proxies = ["127.0.0.1", "fd00::/8"]\nlargest_file_mb = 25\n'
    web = settings_of(tmp_path, text).web
    assert web.trusted_proxies == ("127.0.0.1", "fd00::/8")
    assert web.largest_file_mb == 25
    (problem,) = problems_of(tmp_path, '[web]\ntrusted_proxies = ["proxy"]\n')
    assert (problem.path, problem.code) == ("web.trusted_proxies", "not_a_network")
    assert "10.0.0.0/8" in sentence(problem)


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    environ = {
        "AZBOT_WEB__PORT": "81",
        "AZBOT_WORKFLOW__WORKING_DAYS": "1, 2,6",
        "AZBOT_WORKFLOW__ALLOW_WAIVER": "true",
        "AZBOT_EMAIL__IMAP__PASSWORD": "12345",
        "AZBOT_EMAIL__IMAP__HOST": "b",
        "AZBOT_HOME": "no setting: no section",
    }
    text = f'[web]\nport = 80\n{EMAIL}[email.imap]\nhost = "a"\n'
    settings = settings_of(tmp_path, text, environ)
    assert settings.web.port == 81
    assert settings.workflow.working_days == {1, 2, 6}
    assert settings.workflow.allow_waiver is True
    email = settings.channels["email"]
    assert isinstance(email, EmailSettings)
    assert email.imap is not None
    assert email.imap.host == "b"
    assert email.imap.password == SecretStr("12345")


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("AZBOT_WEB__PRT", "1", "unknown_key_near"),
        ("AZBOT_WBE__PORT", "1", "unknown_section_near"),
        ("AZBOT_WEB__PORT", "http", "not_integer"),
        ("AZBOT_WORKFLOW__ALLOW_WAIVER", "peut-être", "not_boolean"),
        ("AZBOT_EMAIL__IMAP__SECURITY", "ssl", "not_a_choice"),
    ],
)
def test_a_wrong_variable_is_named(
    tmp_path: Path, name: str, value: str, code: str
) -> None:
    text = f'{EMAIL}[email.imap]\nhost = "a"\n'
    (found,) = problems_of(tmp_path, text, {name: value})
    assert (found.code, found.facts["variable"]) == (code, name)
    assert found.line is None


# --- warnings ----------------------------------------------------------------------


def warnings_of(folder: Path, text: str, mode: int = 0o600) -> list[tuple[str, str]]:
    file = folder / "azbot.toml"
    file.write_text(text)
    file.chmod(mode)
    found = load(file, CHANNELS, {}).warnings
    assert all(sentence(w, lang) for w in found for lang in LANGUAGES)
    return [(w.code, w.path) for w in found]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ('host = "mail.example.org"', []),
        ('host = "h"\nsecurity = "none"\nport = 143', [("clear_text", "security")]),
        ('host = "127.0.0.1"\nsecurity = "none"\nport = 143', []),
        ('host = "::1"\nsecurity = "none"', []),
        ('host = "localhost"\nsecurity = "none"\nverify = false', []),
        ('host = "h"\nverify = false', [("unverified", "verify")]),
        ('host = "h"\nsecurity = "starttls"', [("unlikely_port", "")]),
        ('host = "h"\nport = 143', [("unlikely_port", "port")]),
        ('host = "h"\nport = 2525\nsecurity = "starttls"', []),
    ],
)
def test_an_unsafe_connection_is_pointed_out(
    tmp_path: Path, lines: str, expected: list[tuple[str, str]]
) -> None:
    found = warnings_of(tmp_path, f"{EMAIL}[email.imap]\n{lines}\n")
    assert found == [(code, f"email.imap.{key}".rstrip(".")) for code, key in expected]


def test_a_secret_that_everybody_can_read_is_pointed_out(tmp_path: Path) -> None:
    inside = f'{EMAIL}[email.imap]\nhost = "h"\npassword = "x"\n'
    assert warnings_of(tmp_path, inside, 0o644) == [("readable_by_others", "")]
    assert warnings_of(tmp_path, inside, 0o640) == []
    assert warnings_of(tmp_path, EMAIL, 0o644) == []
    token = '[web]\nmetrics_token_env = "T"\n'
    file = tmp_path / "azbot.toml"
    file.write_text(token)
    file.chmod(0o644)
    assert load(file, CHANNELS, {"T": "x"}).warnings == ()
    url = '[store]\nurl = "postgresql://u:p@h/d"\n'
    assert warnings_of(tmp_path, url, 0o644) == [("readable_by_others", "")]
    apart = tmp_path / "word"
    apart.write_text("x")
    apart.chmod(0o644)
    beside = f'{EMAIL}[email.imap]\nhost = "h"\npassword_file = "word"\n'
    assert warnings_of(tmp_path, beside, 0o644) == [
        ("readable_by_others", "email.imap.password_file")
    ]


# --- where keys stand --------------------------------------------------------------


def test_lines_are_right_behind_texts_and_arrays_over_several_lines() -> None:
    text = (
        '# [not.this]\n[a]\nx = """\n[b]\ny = 1\n"""\nlist = [ # one\n  "]", \'[\',\n'
        '  { k = 1 },\n]\n["q.r"]\n"s t" = 1\n[[many]]\nn = 1\n[[many]]\nn = 2\n'
        "z.w.v = '''\n'''\n"
    )
    tomllib.loads(text)
    assert places(text) == {
        "a": 2, "a.x": 3, "a.list": 7, "a.list.k": 9, "q.r": 11, "q.r.s t": 12,
        "many": 13, "many.n": 14, "many.z": 17, "many.z.w": 17, "many.z.w.v": 17,
    }  # fmt: skip


_NAMES = st.from_regex(r"[a-z_-]{1,6}", fullmatch=True)
_VALUES = st.sampled_from(
    [
        "1",
        "true",
        '"#[x]\\""',
        "'='",
        '"""\na = 1\n"""',
        "[\n1, #]\n2]",
        "{i = 1}",
        "[]",
    ]
)


@given(
    st.dictionaries(_NAMES, st.dictionaries(_NAMES, _VALUES, max_size=4), max_size=4)
)
def test_every_key_of_a_document_is_found_on_its_line(
    document: dict[str, dict[str, str]],
) -> None:
    lines: list[str] = []
    expected = {}
    for section, pairs in document.items():
        lines.append(f"[{section}]")
        expected[section] = len(lines)
        for key, value in pairs.items():
            written = f"{key} = {value}".split("\n")
            expected[f"{section}.{key}"] = len(lines) + 1
            lines += written
    text = "\n".join(lines)
    tomllib.loads(text)
    found = places(text)
    assert {path: found[path] for path in expected} == expected


@given(st.text("[]{}=\"'#.,\n ab1", max_size=60))
def test_finding_lines_ends_on_any_text(text: str) -> None:
    places(text)


# --- the example -------------------------------------------------------------------


def test_both_halves_of_a_key_are_found_wherever_they_are(tmp_path: Path) -> None:
    (tmp_path / "s3-secret").write_text("hemlig\n")
    text = (
        '[store.s3]\nbucket = "files"\nendpoint = "http://s3.example.org/"\n'
        'access_key_env = "S3_KEY"\nsecret_key_file = "s3-secret"\n'
    )
    settings = settings_of(tmp_path, text, {"S3_KEY": "AK"})
    s3 = settings.store.s3
    assert s3 is not None
    assert s3.secret_key is not None
    assert (s3.access_key, s3.secret_key.get_secret_value()) == ("AK", "hemlig")
    assert "hemlig" not in repr(settings)
    assert s3.url == "http://s3.example.org"
    warned = [warning.code for warning in settings.warnings]
    assert "clear_text_files" in warned
    here = text.replace("s3.example.org", "localhost:9000")
    told = settings_of(tmp_path, here, {"S3_KEY": "AK"}).warnings
    assert "clear_text_files" not in [warning.code for warning in told]


def uncommented() -> dict[str, dict[str, object]]:
    """Return the example with every key switched on."""
    text = re.sub(
        r"^#(?=[a-z_]+ = |\[)", "", EXAMPLE.read_text("utf-8"), flags=re.MULTILINE
    )
    return tomllib.loads(text)


def keys_of(model: type[BaseModel], path: str) -> list[tuple[str, object]]:
    """Return (dotted key, default) of a model and the sections below it, in order."""
    plain, inner = [], []
    for name, field in model.model_fields.items():
        if below := section_of(field.annotation):
            inner += keys_of(below, f"{path}.{name}")
        else:
            plain.append((f"{path}.{name}", field.default))
    return plain + inner


EVERY_KEY = [
    key for name, model in {**CORE, **CHANNELS}.items() for key in keys_of(model, name)
]


def test_the_example_can_be_used_as_it_is() -> None:
    settings = load(EXAMPLE, CHANNELS, {})
    assert isinstance(settings.channels["email"], EmailSettings)
    assert settings.warnings == ()


def test_the_example_has_every_key_in_the_order_of_the_models() -> None:
    found = []

    def walk(table: Mapping[str, object], path: str) -> None:
        for name, value in table.items():
            here = f"{path}.{name}".lstrip(".")
            if isinstance(value, dict):
                walk(value, here)
            else:
                found.append(here)

    walk(uncommented(), "")
    assert found == [key for key, _ in EVERY_KEY]


def test_every_default_of_the_example_is_the_default_of_the_model() -> None:
    shown = uncommented()
    for ways in ("imap", "smtp"):  # one secret is enough, the example shows all ways
        for key in ("password", "password_env", "password_file", "ca_file"):
            shown["email"][ways].pop(key)  # type: ignore[attr-defined]
    shown["store"].pop("url_env")
    for key in ("metrics_token", "metrics_token_env", "metrics_token_file"):
        shown["web"].pop(key)
    shown["telegram"] = {"api_base_url": shown["telegram"]["api_base_url"]}
    for name, model in {**CORE, **CHANNELS}.items():
        read = model.model_validate(shown[name])
        for key, default in keys_of(model, name):
            if default is None or default is PydanticUndefined:
                continue
            value: object = read
            for part in key.split(".")[1:]:
                value = getattr(value, part)
            assert value == default, key


def test_every_key_of_the_example_has_a_comment_above_it() -> None:
    lines = EXAMPLE.read_text("utf-8").splitlines()
    bare = [
        line
        for above, line in pairwise(lines)
        if re.match(r"#?[a-z_]+ = ", line) and not above.startswith("# ")
    ]
    assert bare == []
    assert len(lines) > 200


def test_a_commented_example_holds_no_section_nobody_reads() -> None:
    assert set(uncommented()) == {*CORE, *CHANNELS}
    assert ImapSettings.model_fields.keys() <= uncommented()["email"]["imap"].keys()  # type: ignore[attr-defined]
