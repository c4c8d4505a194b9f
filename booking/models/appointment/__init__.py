"""The appointment, told in chapters: each module is an abstract model that knows the chapters before it.

1. `facts`: what it is. Its columns, its constraints, and the state it is in.
2. `dues`: what of its price is paid online, and what at the practice.
3. `promises`: what the client was promised. The end of the hold, what comes back on cancelling, until when it may move.
4. `lifecycle`: how it lives. Booked, confirmed, lapsed, released, cancelled: the one place where its status changes.
5. `moving`: how it gets another time, chosen by its client or due to new rules for clocks.
6. `at_the_desk`: what staff do with it beyond what its client can.
7. `presentation`: how it is shown on pages, in mail and to staff.

`queryset` has the vocabulary in which the rest of the code asks for appointments; `model` puts all of it together.
"""
