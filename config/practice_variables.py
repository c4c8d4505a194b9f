"""What the site reads from the environment about the practice: most of it can be set at the desk as well."""

from booking import colour
from config import languages, practice_variable_kinds, variable_kinds


class Practice:
    """Who is booked here, and on what terms."""

    PRACTICE_NAME = variable_kinds.OneLine(
        "What the practice is called on pages, in mails and at Stripe.",
        default="Linden House Practice",
        example="Oak Street Clinic",
        at_desk=True,
    )
    PRACTICE_ADDRESS = variable_kinds.OneLine(
        "The practice's postal address. It stands on receipts; and pages, mails and calendars say that clients come "
        "there, unless their provider has a place of their own. If it is empty, nothing is said.",
        example="12 Oak Street, Dublin 2, D02 X285",
        at_desk=True,
    )
    PRACTICE_PHONE = practice_variable_kinds.TelephoneNumber(
        'At the foot of pages and mails, and next to some sentences that say "ask the practice".',
        example="+353 1 555 0100",
        at_desk=True,
    )
    PRACTICE_COLOUR = practice_variable_kinds.Colour(
        "The colour of links, buttons, free days and the icon. Any will do: shades that can be read are made of it.",
        default=colour.DEFAULT,
        example="#7a3b69",
        at_desk=True,
    )
    PRACTICE_LOGO = practice_variable_kinds.LogoFile(
        "The logo, 36 px high in the header of pages instead of the name, on a light ground where the page is dark. "
        "Mails show it too if it is a PNG or a JPEG, which all mail programs read. It is read when the site starts.",
        bounds="200 KB; a path that does not begin with / begins at the project's folder",
        default_in_words="the name in letters",
        example="static/icon.svg",
    )
    PRACTICE_COUNTRY = practice_variable_kinds.Country(
        "Where the practice is. A phone number without a country's prefix is one of this country, and its public "
        "holidays are offered as time off. Its customs also say how dates, times and prices are written.",
        default="IE",
        example="US",
        at_desk=True,
    )
    LANGUAGES = practice_variable_kinds.Languages(
        "The languages in which clients and staff may read the site. The first is the practice's own: mail to the "
        "practice is written in it, and so is each page for a browser that asks for none of them.",
        default=",".join(languages.NAMES),
        example="en,es",
    )
    TIME_ZONE = practice_variable_kinds.TimeZone(
        "The practice's time zone. The month's money and the receipts go by its days, and a new provider has it as "
        "well, until another is chosen. While it is not set, a new provider has that of the practice's country, if all "
        "clocks go alike there.",
        default="Europe/Dublin",
        example="America/New_York",
        at_desk=True,
    )
    CURRENCY = variable_kinds.Text(
        "What prices are in. An appointment keeps the currency that it was booked in.",
        bounds="one of `aud`, `cad`, `chf`, `czk`, `dkk`, `eur`, `gbp`, `jpy`, `nok`, `nzd`, `pln`, `sek`, `usd`",
        default="eur",
        example="usd",
    )
    CANCELLATION_POLICY = practice_variable_kinds.CancellationPolicy(
        "What a client who cancels gets back, by the notice given. The default gives back all with 48 hours' notice, "
        "half with 24 and nothing with less; empty, nothing ever. "
        "An appointment keeps the policy under which it was booked.",
        bounds="pairs of hours, from 0 to 9999, and percent, from 1 to 100, both falling from pair to pair",
        default="48h 100%, 24h 50%",
        example="72h 100%, 24h 25%",
        at_desk=True,
    )
    CONFIRMATION_LINE = variable_kinds.OneLine(
        "A sentence of the practice's own, on the page and in the mail that confirm an appointment.",
        example="Please ring the upper bell, and come five minutes early.",
        at_desk=True,
    )
    TAX_LINE = variable_kinds.OneLine(
        "What a receipt has to say of taxes: a number, or why there is no tax on the price.",
        example="VAT number IE1234567T",
        at_desk=True,
    )


class Times:
    """Which times are on offer, and how long one is kept for a client who has not paid yet."""

    HOLD_MINUTES = variable_kinds.WholeNumber(
        "How many minutes a time is kept unpaid.",
        between=(1, 1440),
        default="15",
        example="20",
        at_desk=True,
    )
    # Stripe takes 30 minutes to 24 hours, counted on its own clock from when the call arrives. The bounds leave a
    # minute at either end for clocks that differ. A call that is repeated later names the same end, so only the minutes
    # above 30 are left for repeating it.
    CHECKOUT_MINUTES = variable_kinds.WholeNumber(
        "How many minutes a time is kept once Stripe's Checkout page is open, which closes after that.",
        between=(31, 1439),
        default="35",
        example="45",
    )
    SLOT_STEP_MINUTES = variable_kinds.WholeNumber(
        "The grid of times: how many minutes lie between one start on offer and the next. "
        "If it is set, pages show each of them, and otherwise one for the length of each visit.",
        between=(5, 720),
        default="15",
        example="30",
        at_desk=True,
    )
    NOTICE_MINUTES = variable_kinds.WholeNumber(
        "How soon: an appointment can be booked until so many minutes before it begins. "
        "It must be shorter than `HORIZON_DAYS`, or no time could be booked.",
        between=(0, 43_200),
        default="60",
        example="120",
        at_desk=True,
    )
    HORIZON_DAYS = variable_kinds.WholeNumber(
        "How far ahead: an appointment can be booked up to so many days before it begins.",
        between=(1, 366),
        default="60",
        example="90",
        at_desk=True,
    )
