"""What providers and services have in common: a name, and an address that follows it."""

from itertools import chain, count
from typing import Any

from django.db import models, transaction
from django.utils.text import slugify

from booking.text import folded, printable, validate_one_line

INACTIVE = "Untick to offer it no more; what is booked stays."


class Named(models.Model):
    """A provider or a service. Links to it get printed, so its earlier slugs go on leading to it."""

    former_slugs: Any

    name = models.CharField(max_length=100, unique=True, validators=[validate_one_line])
    slug = models.SlugField(
        max_length=100, unique=True, help_text="Its name in addresses. Links with an earlier one still lead here."
    )

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        with transaction.atomic():
            before = type(self)._default_manager.filter(pk=self.pk).exclude(slug=self.slug)
            was = before.values_list("slug", flat=True).first()
            super().save(*args, **kwargs)
            if was:
                self.former_slugs.model.objects.update_or_create(slug=was, defaults={"owner": self})

    @classmethod
    def new_slug(cls, name: str) -> str:
        """A slug for something of that name. No other has it or once had it: a printed link may still lead there."""
        known: models.Manager[Any] = cls._default_manager
        wanted = slugify(folded(name))[:90].strip("-") or str(cls._meta.model_name)
        alike = known.filter(slug__startswith=wanted).values_list("slug", flat=True)
        former = known.filter(former_slugs__slug__startswith=wanted).values_list("former_slugs__slug", flat=True)
        taken = {*alike, *former}
        numbered = (f"{wanted}-{number}" for number in count(2))
        return next(slug for slug in chain([wanted], numbered) if slug not in taken)

    @classmethod
    def present_slug(cls, slug: str) -> str:
        """The present slug of the provider or service that has, or once had, this slug.

        A slug that is not known is returned as it is.
        """
        slug = printable(slug)
        known: models.Manager[Any] = cls._default_manager
        if known.filter(slug=slug).exists():
            return slug
        return known.filter(former_slugs__slug=slug).values_list("slug", flat=True).first() or slug


class FormerSlug(models.Model):
    """An earlier slug of a provider or a service. It leads there until another provider or service takes it."""

    slug = models.SlugField(max_length=100, unique=True)

    class Meta:
        abstract = True
        verbose_name = "earlier address"

    def __str__(self) -> str:
        return self.slug
