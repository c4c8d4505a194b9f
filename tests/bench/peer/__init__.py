"""django-appointment, with which the bench compares the product: a package for the same purpose, made for any site.

Its site and its practice run in a virtual environment of its own, which has none of the product's packages.
"""
