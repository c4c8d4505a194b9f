import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('booking', '0013_a_bank_that_asks'),
    ]

    operations = [
        migrations.AlterField(
            model_name='provider',
            name='slug',
            field=models.SlugField(help_text='Its name in addresses. Links with an earlier one still lead here.', max_length=100, unique=True),
        ),
        migrations.AlterField(
            model_name='service',
            name='slug',
            field=models.SlugField(help_text='Its name in addresses. Links with an earlier one still lead here.', max_length=100, unique=True),
        ),
        migrations.CreateModel(
            name='FormerProviderSlug',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slug', models.SlugField(max_length=100, unique=True)),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='former_slugs', to='booking.provider')),
            ],
            options={
                'verbose_name': 'earlier address',
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='FormerServiceSlug',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slug', models.SlugField(max_length=100, unique=True)),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='former_slugs', to='booking.service')),
            ],
            options={
                'verbose_name': 'earlier address',
                'abstract': False,
            },
        ),
    ]
