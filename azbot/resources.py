"""Where the files beside the code are: in the checkout, else in the wheel."""

from __future__ import annotations

from pathlib import Path

from azbot.errors import NotFound

_PACKAGE = Path(__file__).resolve().parent


def data_file(name: str, package: Path = _PACKAGE) -> Path:
    """Return the data file called ``name``, found as ``data_dir`` finds folders.

    Args:
        name: a file of the repository's root, ``config.example.toml``.
        package: the folder of the package ``azbot``.

    Raises:
        NotFound: neither place has it; the installation is damaged.
    """
    return _data(name, package, "data file")


def data_dir(name: str, package: Path = _PACKAGE) -> Path:
    """Return the folder of data files called ``name``.

    In a checkout it is the folder at the root, so that edits are seen at once; an
    installed wheel has a copy inside the package.

    Args:
        name: a folder of the repository's root, ``templates``.
        package: the folder of the package ``azbot``.

    Returns:
        An existing folder, absolute.

    Raises:
        NotFound: neither place has it; the installation is damaged.
    """
    return _data(name, package, "data folder")


def _data(name: str, package: Path, kind: str) -> Path:
    root = package.parent
    # Beside an installed package lie strangers' folders: only pyproject.toml
    # proves that this is the checkout.
    in_checkout = root / name
    if (root / "pyproject.toml").is_file() and in_checkout.exists():
        return in_checkout
    in_wheel = package / "_data" / name
    if in_wheel.exists():
        return in_wheel
    raise NotFound(kind, name)
