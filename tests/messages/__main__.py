"""Bring the catalogs in locale/ up to date with what is marked in the code, and compile them: `make messages`."""

from tests.messages import catalogs

for language in catalogs.translated_languages():
    catalog = catalogs.update(language)
    catalogs.write(language, catalog)
    missing = sum(1 for message in catalog if message.id and not any(message.string))
    print(f"{language}: {len(catalog)} sentences, {missing} of them not translated")
