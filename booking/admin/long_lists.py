"""Lists in Django's admin that stay quick with a million rows."""

from django.contrib import admin
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.utils.functional import cached_property


class FirstPages(Paginator):
    """The pages of the first 2,000 rows, since to count a million takes longer than to show a page of them."""

    MOST = 2000
    object_list: QuerySet

    @cached_property
    def counted(self) -> int:
        """How many rows there are, or one more than `MOST`."""
        return self.object_list.order_by().values("pk")[: self.MOST + 1].count()

    @property
    def count(self) -> int:
        return min(self.counted, self.MOST)

    @property
    def has_more(self) -> bool:
        return self.counted > self.MOST


class LongList(admin.ModelAdmin):
    """A list that is counted only so far. Its `sortable_by` names the columns that have an index to sort by."""

    paginator = FirstPages
    change_list_template = "admin/long_list.html"
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
