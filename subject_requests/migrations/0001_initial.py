import django.contrib.postgres.fields
import django.db.models.deletion
import personal_data.fields
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('personal_data', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Request',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('number', models.TextField(unique=True, verbose_name='number')),
                ('kind', models.TextField(choices=[('access', 'What is held about me'), ('destruction', 'Destroy my data')], verbose_name='kind')),
                ('channel', models.TextField(choices=[('portal', 'on the portal')], default='portal', verbose_name='received by')),
                ('language', models.TextField(choices=[('ru', 'Russian'), ('en', 'English')], verbose_name='language of the answer')),
                ('received_at', models.DateTimeField(verbose_name='received')),
                ('rule', models.TextField(verbose_name='deadline rule')),
                ('due_on', models.DateField(verbose_name='due')),
                ('due_at', models.DateTimeField(verbose_name='due at')),
                ('target_on', models.DateField(verbose_name='our own target')),
                ('counted_days', django.contrib.postgres.fields.ArrayField(base_field=models.DateField(), default=list, size=None, verbose_name='days counted')),
                ('provisional', models.BooleanField(default=False, verbose_name='the due date is provisional')),
                ('state', models.TextField(choices=[('new', 'received'), ('taken', 'in work'), ('answered', 'answered'), ('refused', 'refused')], default='new', verbose_name='state')),
                ('taken_by', models.UUIDField(blank=True, null=True, verbose_name='taken by')),
                ('taken_at', models.DateTimeField(blank=True, null=True, verbose_name='taken')),
                ('closed_by', models.UUIDField(blank=True, null=True, verbose_name='closed by')),
                ('closed_at', models.DateTimeField(blank=True, null=True, verbose_name='closed')),
                ('outcome', models.TextField(blank=True, choices=[('informed', 'the information was given'), ('destruction_started', 'the data is blocked and will be destroyed')], verbose_name='outcome')),
                ('refusal_norm', models.TextField(blank=True, verbose_name='refused by')),
                ('subject', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='personal_data.subject', verbose_name='person')),
            ],
            options={
                'verbose_name': 'request',
                'verbose_name_plural': 'requests',
            },
        ),
        migrations.CreateModel(
            name='Message',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('author', models.TextField(choices=[('person', 'the person'), ('staff', 'staff')])),
                ('author_id', models.UUIDField(blank=True, null=True)),
                ('written_at', models.DateTimeField()),
                ('text', personal_data.fields.SealedTextField(category='request', verbose_name='text')),
                ('subject', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='personal_data.subject')),
                ('request', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='messages', to='subject_requests.request')),
            ],
            options={
                'verbose_name': 'message',
                'ordering': ('written_at', 'pk'),
                'abstract': False,
                'base_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='RequestStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('actor_kind', models.TextField(choices=[('user', 'the person'), ('representative', "a Customer's representative"), ('staff', 'staff'), ('officer', 'privacy officer'), ('auditor', 'auditor'), ('admin', 'administrator'), ('system', 'the portal'), ('stranger', 'somebody who is not signed in')])),
                ('actor_id', models.TextField()),
                ('state_before', models.TextField(blank=True, choices=[('new', 'received'), ('taken', 'in work'), ('answered', 'answered'), ('refused', 'refused')])),
                ('state_after', models.TextField(choices=[('new', 'received'), ('taken', 'in work'), ('answered', 'answered'), ('refused', 'refused')])),
                ('request', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='steps', to='subject_requests.request')),
                ('subject', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='personal_data.subject')),
            ],
            options={
                'ordering': ('pk',),
            },
        ),
        migrations.AddIndex(
            model_name='request',
            index=models.Index(condition=models.Q(('state__in', ('new', 'taken'))), fields=['due_at'], name='request_open_by_due'),
        ),
        migrations.AddIndex(
            model_name='request',
            index=models.Index(fields=['subject', '-received_at'], name='request_by_subject'),
        ),
        migrations.AddConstraint(
            model_name='request',
            constraint=models.UniqueConstraint(fields=('id', 'subject'), name='request_and_its_subject'),
        ),
        migrations.AddConstraint(
            model_name='request',
            constraint=models.UniqueConstraint(condition=models.Q(('kind', 'destruction'), ('state__in', ('new', 'taken'))), fields=('subject',), name='request_one_open_destruction'),
        ),
        migrations.AddConstraint(
            model_name='request',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['access', 'destruction'])), name='request_kind_is_known'),
        ),
        migrations.AddConstraint(
            model_name='request',
            constraint=models.CheckConstraint(condition=models.Q(('channel__in', ['portal'])), name='request_channel_is_known'),
        ),
        migrations.AddConstraint(
            model_name='request',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['new', 'taken', 'answered', 'refused'])), name='request_state_is_known'),
        ),
        migrations.AddConstraint(
            model_name='request',
            constraint=models.CheckConstraint(condition=models.Q(('outcome__in', ['', 'informed', 'destruction_started'])), name='request_outcome_is_known'),
        ),
        migrations.AddConstraint(
            model_name='request',
            constraint=models.CheckConstraint(condition=models.Q(('due_at__gte', models.F('received_at'))), name='request_due_after_received'),
        ),
        migrations.AddConstraint(
            model_name='request',
            constraint=models.CheckConstraint(condition=models.Q(('target_on__lte', models.F('due_on'))), name='request_target_not_after_due'),
        ),
        migrations.AddConstraint(
            model_name='request',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'new'), ('taken_at', None), ('taken_by', None)), models.Q(models.Q(('state', 'new'), _negated=True), ('taken_at__gte', models.F('received_at')), ('taken_by__isnull', False)), _connector='OR'), name='request_taken_by_somebody'),
        ),
        migrations.AddConstraint(
            model_name='request',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('closed_at', None), ('closed_by', None), ('state__in', ('new', 'taken'))), models.Q(('closed_at__gte', models.F('taken_at')), ('closed_by__isnull', False), ('state__in', ('answered', 'refused'))), _connector='OR'), name='request_closed_by_somebody'),
        ),
        migrations.AddConstraint(
            model_name='request',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'answered'), models.Q(('outcome', ''), _negated=True)), models.Q(models.Q(('state', 'answered'), _negated=True), ('outcome', '')), _connector='OR'), name='request_answered_has_an_outcome'),
        ),
        migrations.AddConstraint(
            model_name='request',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'refused'), models.Q(('refusal_norm', ''), _negated=True)), models.Q(models.Q(('state', 'refused'), _negated=True), ('refusal_norm', '')), _connector='OR'), name='request_refused_names_a_norm'),
        ),
        migrations.AddConstraint(
            model_name='message',
            constraint=models.CheckConstraint(condition=models.Q(('author__in', ['person', 'staff'])), name='message_author_is_known'),
        ),
        migrations.AddConstraint(
            model_name='requeststep',
            constraint=models.CheckConstraint(condition=models.Q(('state_after__in', ['new', 'taken', 'answered', 'refused'])), name='request_step_state_is_known'),
        ),
    ]
