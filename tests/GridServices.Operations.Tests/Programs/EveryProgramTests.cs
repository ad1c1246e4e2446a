using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using GridServices.Contracts;
using GridServices.Ieee2030Dot5.Configuration;
using GridServices.OpenAdr.Configuration;
using GridServices.Operations.Enrollments;
using GridServices.Operations.Programs;
using GridServices.Operations.Provisioning;
using GridServices.Operations.Registry;
using NodaTime;

namespace GridServices.Operations.Tests.Programs;

/// <summary>Each program that comes with this version can be applied for, from the empty form to documents that its service takes.</summary>
public sealed class EveryProgramTests
{
    public static TheoryData<string> Codes => [.. TemplateCatalog.All.Select(t => t.Code)];

    [Theory]
    [MemberData(nameof(Codes))]
    public void A_full_form_has_no_faults_and_each_answer_taken_away_is_missed_by_name(string code)
    {
        var template = Sample.Template(code);
        var answers = Filled(template);
        Assert.Empty(FormAnswers.Check(template, answers));
        foreach (var field in template.RequiredFields.Where(f => f.Required && FormAnswers.IsAsked(f.When, answers)))
        {
            var faults = FormAnswers.Check(template, answers.With(field.Name, null)).ToList();
            Assert.Contains(faults, f => f.Code == "field.missing" && f.Subject == field.Name);
            Assert.All(faults, f => Assert.Equal(($"/answers/{f.Subject}", true), (f.Pointer, f.Text.Length > 5)));
        }
    }

    [Theory]
    [MemberData(nameof(Codes))]
    public void It_can_be_enrolled_in_from_draft_to_active(string code)
    {
        var (enrollment, facts, start) = Application(code);
        var early = start - Duration.FromDays(200);
        enrollment = Do(enrollment, CommandKind.Evaluate, facts, early);
        Assert.Empty(enrollment.RequiredActions.Where(a => a.Blocks).Select(a => $"{a.Code} {a.Pointer}"));
        Assert.Equal(EnrollmentState.ReadyToSubmit, enrollment.State);
        foreach (var command in new[] { CommandKind.Submit, CommandKind.Accept, CommandKind.Provision, CommandKind.Provisioned })
        {
            enrollment = Do(enrollment, command, facts, early);
        }

        Assert.Equal(EnrollmentState.Testing, enrollment.State);
        enrollment = Do(enrollment, CommandKind.Evaluate, facts with { Services = Healthy(facts.Template, early) }, early);
        Assert.Equal((EnrollmentState.Accepted, enrollment.Period.From), Lifecycle.GetDisplayState(enrollment, enrollment.Period.From.PlusDays(-1)));
        Assert.Equal(EnrollmentState.Active, Do(enrollment, CommandKind.Evaluate, facts, start).State);
    }

    [Theory]
    [MemberData(nameof(Codes))]
    public void Its_documents_are_taken_by_the_service_s_own_rules(string code)
    {
        var (enrollment, facts, _) = Application(code);
        var source = new ProvisionSource
        {
            Enrollment = enrollment with { State = EnrollmentState.Provisioning },
            Template = facts.Template,
            Site = facts.Site!,
            MeterPoints = facts.MeterPoints,
            Assets = facts.Assets,
            Nominations = facts.Nominations,
            Certificate = facts.Certificate,
        };
        var outcome = WantedDocuments.Create([source], enrollment.Period.From);
        Assert.Empty(outcome.Faults);
        foreach (var document in outcome.Documents)
        {
            Assert.Equal(document.Json, WantedDocument.CanonicalText(document.Json));
            Assert.Empty(document.Service switch
            {
                ProvisionedService.OpenAdr => VenConfigRules.Check(JsonSerializer.Deserialize<VenConfig>(document.Json, ContractJson.Options)!).Select(p => p.Detail),
                ProvisionedService.Ieee2030Dot5 => DerClientConfigRules.Check(JsonSerializer.Deserialize<DerClientConfig>(document.Json, ContractJson.Options)!).Select(p => p.Detail),
                _ => [],
            });
        }

        var line = facts.Template.Protocol switch
        {
            ProgramProtocol.OpenAdr20b => ProvisionedService.OpenAdr,
            ProgramProtocol.Ieee2030Dot5 => ProvisionedService.Ieee2030Dot5,
            _ => (ProvisionedService?)null,
        };
        Assert.Equal(line is not null, outcome.Documents.Any(d => d.Service == line));
        Assert.Equal(facts.Template.FrequencyService is not null, outcome.Documents.Any(d => d.Service == ProvisionedService.FrequencyResponse));
    }

    [Fact]
    public void A_call_span_is_inside_its_days_sorted_and_never_empty_in_any_program_on_any_day() => Prop.ForAll(
        Gen.Elements(TemplateCatalog.All.ToArray()).ToArbitrary(), Gen.Choose(0, 3650).ToArbitrary(), (template, days) =>
        {
            var (day, zone) = (Sample.Day("2025-01-01").PlusDays(days), DateTimeZoneProviders.Tzdb[template.TimeZone]);
            var spans = template.Calendar.CallSpans(day, zone);
            Assert.Equal(template.Calendar.IsCallDay(day), spans.Count > 0);
            Assert.All(spans, s => Assert.True(s.Duration > Duration.Zero && s.Start >= zone.AtStartOfDay(day).ToInstant() && s.End <= zone.AtStartOfDay(day.PlusDays(2)).ToInstant()));
            Assert.Equal(spans.OrderBy(s => s.Start), spans);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_season_s_start_is_on_or_after_the_day_unless_the_season_is_on() => Prop.ForAll(
        Gen.Elements(TemplateCatalog.All.Where(t => t.Calendar.Seasons.Count > 0).ToArray()).ToArbitrary(), Gen.Choose(0, 3650).ToArbitrary(), (template, days) =>
        {
            var day = Sample.Day("2025-01-01").PlusDays(days);
            var start = template.Calendar.SeasonStart(day)!.Value;
            var isOn = template.Calendar.Seasons.Any(s => s.Contains(day));
            Assert.True(isOn ? start <= day : start > day);
            Assert.Contains(template.Calendar.Seasons, s => s.Contains(start));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_nomination_is_due_before_its_period_begins_and_an_application_before_its_start() => Prop.ForAll(
        Gen.Elements(TemplateCatalog.All.ToArray()).ToArbitrary(), Gen.Choose(0, 800).ToArbitrary(), (template, days) =>
        {
            var from = Sample.Day("2027-01-01").PlusDays(days);
            var zone = DateTimeZoneProviders.Tzdb[template.TimeZone];
            var enrollment = Sample.Enrollment with { Period = new DatePeriod { From = from } };
            foreach (var due in NominationCalendar.Due(enrollment, template, [], Sample.Now))
            {
                Assert.True(due.Deadline < zone.AtStartOfDay(due.Start.PlusDays(1)).ToInstant());
                Assert.True(due.Start >= from);
            }

            var inSeason = template.Calendar.Seasons.Any(s => s.Contains(from));
            var start = inSeason || template.Calendar.Seasons.Count == 0 ? from : template.Calendar.SeasonStart(from)!.Value;
            Assert.True(Deadlines.Application(template, enrollment.Period) <= zone.AtStartOfDay(start).ToInstant());
        }).QuickCheckThrowOnFailure();

    private static Enrollment Do(Enrollment enrollment, CommandKind command, EnrollmentFacts facts, Instant now)
    {
        var outcome = Lifecycle.Apply(enrollment, new LifecycleCommand(command, "because", "REF"), facts, now);
        Assert.Null(outcome.Refusal);
        return outcome.Enrollment!;
    }

    /// <summary>A complete application: site in the program's country and region, meter of its scheme, all papers, nominated.</summary>
    private static (Enrollment Enrollment, EnrollmentFacts Facts, Instant Start) Application(string code)
    {
        var template = Sample.Template(code);
        var from = template.Calendar.SeasonStart(Sample.Day("2028-05-01")) ?? Sample.Day("2028-05-01");
        var start = DateTimeZoneProviders.Tzdb[template.TimeZone].AtStartOfDay(from).ToInstant();
        var device = template.Protocol == ProgramProtocol.Ieee2030Dot5;
        var enrollment = Sample.Enrollment with
        {
            Template = template.Ref,
            Period = new DatePeriod { From = from, Until = from.PlusDays(20) },
            StateSince = start - Duration.FromDays(200),
            AssetIds = [Sample.Id(20)],
            Answers = Filled(template),
            Documents = [.. template.RequiredDocuments.Select(d => new EnrollmentDocument(d.Name, "x.pdf", new string('a', 64), Sample.Stamp))],
            Consent = new Consent { ContactId = Sample.Signer.Id, SignedAt = Sample.Now, Scope = "enrollment" },
            Identity = device
                ? new ProtocolIdentity { Server = "https://utility.example/dcap", CertificateId = Sample.Id(5), Pen = 37244 }
                : Sample.Enrollment.Identity,
        };
        var due = NominationCalendar.Due(enrollment, template, [], start - Duration.FromDays(200));
        return (enrollment, new EnrollmentFacts
        {
            Template = template,
            Site = Sample.Site with { Address = Sample.Site.Address with { Country = template.Country ?? "US", Region = template.Regions.Count > 0 ? template.Regions[0] : null } },
            MeterPoints = [Sample.Meter with { Scheme = template.MeterSchemes.Count > 0 ? template.MeterSchemes[0] : IdentifierScheme.Other, Identifier = Known(template), IntervalMinutes = 15 }],
            Assets = [new Asset { Id = Sample.Id(20), Tenant = "default", Created = Sample.Stamp, Updated = Sample.Stamp, Version = 1, SiteId = "site-1", Kind = AssetKind.Ess, Name = "Battery", RatedW = 50_000, EnergyWh = 100_000, AssetId = "bess-1" }],
            Contacts = [Sample.Signer],
            Nominations = [.. due.Select((d, i) => Sample.Nomination with { Id = Sample.Id(100 + i), DeliveryPeriod = d.DeliveryPeriod, Kw = Math.Max(60, template.Limits.MinKw?.Value ?? 0) % 100_000, Deadline = d.Deadline, State = NominationState.Submitted })],
            Certificate = Sample.Certificate with { NotAfter = null, Kind = device ? CertificateKind.Ieee2030Dot5Device : CertificateKind.OpenAdrEc },
        }, start);
    }

    private static ServiceFacts Healthy(ProgramTemplate template, Instant now) => template.Protocol == ProgramProtocol.Ieee2030Dot5
        ? Sample.Healthy(now) with { Registration = new(now, new RegistrationFact("listed", "3E4F", "open", now)) }
        : Sample.Healthy(now);

    /// <summary>An answer of the right kind to every question that is asked, conditions included.</summary>
    private static Answers Filled(ProgramTemplate template) => template.RequiredFields.Aggregate(Answers.None, (answers, field) =>
        FormAnswers.IsAsked(field.When, answers) ? answers.With(field.Name, Answer(field)) : answers);

    private static string Answer(TemplateField field) => field.Type switch
    {
        FieldType.Number or FieldType.Integer => field.Name switch
        {
            "peakDemandKw" => "900000",
            _ when field.Max is { } max => max.ToString(System.Globalization.CultureInfo.InvariantCulture),
            _ => "30",
        },
        FieldType.Boolean or FieldType.Attestation => "true",
        FieldType.Date => "2027-05-01",
        FieldType.Choice => field.Choices[0],
        FieldType.Email => "ann@example.com",
        _ => "x",
    };

    private static string Known(ProgramTemplate template) => template.MeterSchemes.Count == 0 ? "M-1" : template.MeterSchemes[0] switch
    {
        IdentifierScheme.Nmi => "2001985732",
        IdentifierScheme.Mpan => "2012345678385",
        IdentifierScheme.EsiId => "10443720004425378",
        IdentifierScheme.ConEdAccount => "41111111111",
        IdentifierScheme.HqContract => "300123456",
        _ => "1234567890",
    };
}
