"""Some pages of a batch as a file of their own, still PDF/A: the pages, their part of the structure tree, their stamps and the fonts."""

import re
from datetime import UTC, datetime
from io import BytesIO

import pikepdf

from kansli_tui.errors import LetterError
from reports.xmp import metadata

_STAMP = re.compile(rb"/(X[0-9]+) Do")


def extract_pages(pdf: bytes, first_page: int, pages: int) -> bytes:
    """The pages from `first_page` (from 1). Nothing of the other letters comes along; the same call gives the same bytes."""
    with pikepdf.open(BytesIO(pdf)) as batch:
        root = batch.Root
        if not (pages > 0 and 0 < first_page <= len(batch.pages) - pages + 1):
            raise LetterError("The batch's file has no such pages. Write the batch again.")
        if "/StructTreeRoot" not in root:
            return _untagged(batch, first_page, pages)
        kept = list(root.Pages.Kids)[first_page - 1 : first_page - 1 + pages]
        root.Pages.Kids = pikepdf.Array(kept)
        root.Pages.Count = pages
        _only_used(kept)
        _prune_tree(batch, kept)
        _name(batch)
        out = BytesIO()
        # The identifier is a digest of what is written, not of the clock.
        batch.save(
            out, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate, compress_streams=True
        )
        return out.getvalue()


def _untagged(batch: pikepdf.Pdf, first_page: int, pages: int) -> bytes:
    """The pages of a file that an earlier version set, as they are: it had no structure tree and was no PDF/A."""
    batch.remove_unreferenced_resources()
    out = BytesIO()
    with pikepdf.Pdf.new() as letter:
        letter.pages.extend(batch.pages[first_page - 1 : first_page - 1 + pages])
        letter.save(out, deterministic_id=True)
    return out.getvalue()


def _only_used(pages: list[pikepdf.Object]) -> None:
    """The pages' resources without the stamps that none of them draws."""
    resources = pages[0].Resources
    used = {name.decode() for page in pages for name in _STAMP.findall(page.Contents.read_bytes())}
    stamps = {f"/{name}": resources.XObject[f"/{name}"] for name in sorted(used)}
    resources.XObject = pikepdf.Dictionary(stamps)


def _prune_tree(batch: pikepdf.Pdf, pages: list[pikepdf.Object]) -> None:
    """The structure tree with these pages' elements only, its numbers counted from 0 again."""
    tree = batch.Root.StructTreeRoot
    nums = tree.ParentTree.Nums
    marks = [nums[2 * int(page.StructParents) + 1] for page in pages]
    letters: dict[tuple[int, int], pikepdf.Object] = {}
    for mark in marks:
        for element in mark:
            above = element
            while pikepdf.Name.Document != above.P.S:
                above = above.P
            letters[above.objgen] = above
    tree.K.K = pikepdf.Array(list(letters.values()))
    tree.ParentTree.Nums = pikepdf.Array([part for number, mark in enumerate(marks) for part in (number, mark)])
    tree.ParentTreeNextKey = len(marks)
    for number, page in enumerate(pages):
        page.StructParents = number


def _name(batch: pikepdf.Pdf) -> None:
    """The letter's own title in place of the batch's, with the batch's time."""
    title = str(batch.Root.StructTreeRoot.K.K[0].T)
    batch.docinfo.Title = title
    made = datetime.strptime(str(batch.docinfo.CreationDate), "D:%Y%m%d%H%M%SZ").replace(tzinfo=UTC)
    batch.Root.Metadata.write(metadata(title, made))
