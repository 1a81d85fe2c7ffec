"""The structure of a tagged PDF: headings, paragraphs, tables, figures.

fpdf2 can tag pictures only, side by side, all as figures. This tree nests and knows
the standard roles, so a screen reader reads « Heure d'entrée, 13 h 02 » as the cell
of its row. Source: ISO 32000-1 §14.7 and §14.8.4.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fpdf.output import OutputProducer, PDFCatalog, PDFPagesRoot
from fpdf.structure_tree import StructElem, StructureTreeBuilder
from fpdf.syntax import PDFObject
from typing_extensions import override


class Element(StructElem):
    """One element of the structure; a leaf owns one marked sequence of one page."""

    __slots__ = ("a",)

    def __init__(
        self,
        role: str,
        parent: PDFObject,
        page: int,
        mcid: int | None = None,
        alt: str | None = None,
        scope: str | None = None,
    ) -> None:
        super().__init__(
            struct_type=f"/{role}",
            parent=parent,
            kids=[] if mcid is None else [mcid],
            page_number=page,
            alt=alt,
        )
        # Which cells a header cell speaks for, ISO 32000-1 table 348.
        self.a = f"<</O /Table /Scope /{scope}>>" if scope else None


class Tree(StructureTreeBuilder):
    """All elements of one document."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: list[Element] = []
        self._marks: dict[int, int] = {}

    def grow(
        self,
        role: str,
        page: int,
        inside: Element | None = None,
    ) -> Element:
        """Add an element that only holds others, and return it."""
        parent = inside or self.doc_struct_elem
        element = Element(role, parent, page)
        parent.k.append(element)
        self.elements.append(element)
        return element

    def mark(
        self,
        role: str,
        page: int,
        inside: Element | None = None,
        alt: str | None = None,
        scope: str | None = None,
    ) -> tuple[int, int]:
        """Add a leaf for the next marked sequence of ``page``.

        Returns:
            its number on the page (MCID), and the number of the page in the tree.
        """
        mcid = self._marks.get(page, 0)
        self._marks[page] = mcid + 1
        parent = inside or self.doc_struct_elem
        leaf = Element(role, parent, page, mcid, alt, scope)
        parent.k.append(leaf)
        self.elements.append(leaf)
        spid = self.spid_per_page_number.setdefault(
            page, len(self.spid_per_page_number)
        )
        self.struct_tree_root.parent_tree.nums[spid].append(leaf)
        return mcid, spid

    @override
    def __iter__(self) -> Iterator[PDFObject]:
        yield self.struct_tree_root
        yield self.doc_struct_elem
        yield self.struct_tree_root.parent_tree
        yield from self.elements


class TaggedOutput(OutputProducer):
    """Gives nested elements their page, which fpdf2 does for the outermost only."""

    @override
    def _finalize_catalog(
        self,
        catalog_obj: PDFCatalog,
        pages_root_obj: PDFPagesRoot,
        *rest: Any,
        **named: Any,
    ) -> None:
        super()._finalize_catalog(catalog_obj, pages_root_obj, *rest, **named)
        pages = pages_root_obj.kids or ()
        tree = self.fpdf.struct_builder
        if isinstance(tree, Tree):
            for element in tree.elements:
                element.pg = pages[(element.page_number() or 1) - 1]
