using GridServices.Operations.Enrollments;
using GridServices.Operations.Json;
using GridServices.Operations.Programs;
using GridServices.Operations.Registry;
using NodaTime;

namespace GridServices.Operations.Tests.Enrollments;

public sealed class RequiredActionTests
{
    private static readonly Enrollment ConEd = Sample.Enrollment with { Template = new TemplateRef("CONED-CSRP", 1), Answers = Answers.None.With("peakDemandKw", "70") };
    private static readonly EnrollmentFacts ConEdFacts = Sample.Facts with
    {
        Template = Sample.Template("CONED-CSRP"),
        Site = Sample.Site with { Address = Sample.Site.Address with { Region = "NY" } },
        MeterPoints = [Sample.Meter with { Scheme = IdentifierScheme.ConEdAccount, Identifier = "41111111111" }],
    };

    [Fact]
    public void A_complete_enrollment_has_none() => Assert.Empty(RequiredActions.Compute(Sample.Enrollment, Sample.Facts, Sample.Now));

    [Fact]
    public void What_a_program_asks_is_listed_with_owner_place_and_the_utility_s_date()
    {
        var actions = RequiredActions.Compute(ConEd, ConEdFacts, Sample.Now);
        Assert.Equal(
            ["/answers/network", "/answers/callWindow", "/answers/tier", "/answers/participation", "/answers/startMonth", "/answers/generator", "/consent", "/nominations"],
            actions.Select(a => a.Pointer));
        Assert.Equal(ActionOwner.Customer, actions.Single(a => a.Code == "signature.missing").Owner);
        // Files by 1 April for 1 May: the end of that day in New York.
        Assert.All(actions.Where(a => a.Code == "field.missing"), a => Assert.Equal(Sample.At("2027-04-02T04:00:00Z"), a.Due));
        Assert.Equal(Sample.At("2027-04-01T21:00:00Z"), actions.Single(a => a.Code == "nomination.missing").Due);
    }

    [Theory]
    [InlineData("2027-05-01", "2027-04-02T04:00:00Z")]
    [InlineData("2027-01-10", "2027-04-02T04:00:00Z")]
    [InlineData("2027-05-20", "2027-04-02T04:00:00Z")]
    [InlineData("2027-06-01", "2027-05-02T04:00:00Z")]
    [InlineData("2027-07-15", "2027-05-02T04:00:00Z")]
    [InlineData("2027-11-01", "2028-04-02T04:00:00Z")]
    public void Con_Edison_s_deadline_is_that_of_the_start_that_the_period_fits(string from, string due) =>
        Assert.Equal(Sample.At(due), Deadlines.Application(ConEdFacts.Template, new DatePeriod { From = Sample.Day(from) }));

    [Fact]
    public void Hydro_Quebec_wants_applications_before_October() => Assert.Equal(
        Sample.At("2027-10-01T04:00:00Z"), Deadlines.Application(Sample.Template("HQ-COMMITMENT"), new DatePeriod { From = Sample.Day("2027-12-01") }));

    [Theory]
    [InlineData("2027-03-15T12:00:01Z", Urgency.None)]
    [InlineData("2027-03-15T12:00:00Z", Urgency.Amber)]
    [InlineData("2027-03-04T12:00:00Z", Urgency.Red)]
    [InlineData("2027-03-01T12:00:00Z", Urgency.Overdue)]
    [InlineData(null, Urgency.None)]
    public void Amber_from_14_days_before_and_red_from_3(string? due, Urgency urgency) =>
        Assert.Equal(urgency, Deadlines.GetUrgency(due is null ? null : Sample.At(due), Sample.Now));

    [Fact]
    public void Questions_that_depend_on_others_are_asked_only_then()
    {
        var template = Sample.Template("CONED-CSRP");
        Assert.DoesNotContain(FormAnswers.Check(template, Answers.None.With("generator", "false")), a => a.Subject == "generatorKw");
        var asked = FormAnswers.Check(template, Answers.None.With("generator", "true")).ToList();
        Assert.Contains(asked, a => a.Subject == "decPermit");
        Assert.Contains(RequiredActions.Compute(ConEd with { Answers = Answers.None.With("generator", "true") }, ConEdFacts, Sample.Now), a => a is { Code: "document.missing", Subject: "decPermit" });
    }

    [Theory]
    [InlineData(FieldType.Number, "12.5", true)]
    [InlineData(FieldType.Number, "12,5", false)]
    [InlineData(FieldType.Number, "-1", false)]
    [InlineData(FieldType.Number, "21", false)]
    [InlineData(FieldType.Integer, "3", true)]
    [InlineData(FieldType.Integer, "3.5", false)]
    [InlineData(FieldType.Boolean, "yes", false)]
    [InlineData(FieldType.Attestation, "false", false)]
    [InlineData(FieldType.Attestation, "true", true)]
    [InlineData(FieldType.Date, "2027-02-30", false)]
    [InlineData(FieldType.Choice, "a", true)]
    [InlineData(FieldType.Choice, "A", false)]
    [InlineData(FieldType.Email, "ann@example.com", true)]
    [InlineData(FieldType.Email, "Ann <ann@example.com>", false)]
    [InlineData(FieldType.Email, "ann@localhost", false)]
    [InlineData(FieldType.Text, "two\nlines", false)]
    public void An_answer_is_held_against_its_field(FieldType type, string answer, bool good)
    {
        var field = new TemplateField { Name = "x", Label = "X", Type = type, Min = 0, Max = 20, Choices = ["a", "b"] };
        Assert.Equal(good, FormAnswers.FindFault(field, answer) is null);
    }

    [Fact]
    public void An_answer_that_nobody_asked_for_is_named_with_the_nearest_question() =>
        Assert.Contains("did you mean network?", FormAnswers.Check(ConEdFacts.Template, Answers.None.With("netwrok", "x")).Single(a => a.Code == "field.unknown").Text, StringComparison.Ordinal);

    [Fact]
    public void Answers_are_read_from_any_scalar_and_written_as_text()
    {
        var answers = System.Text.Json.JsonSerializer.Deserialize<Answers>("""{"b":true,"a":12.50,"c":null,"d":" x "}""", OperationsJson.Options)!;
        Assert.Equal("""{"a":"12.50","b":"true","d":"x"}""", System.Text.Json.JsonSerializer.Serialize(answers, OperationsJson.Options));
        Assert.Equal(answers, Answers.None.With("d", "x").With("a", "12.50").With("b", "true").With("c", " "));
        Assert.Throws<System.Text.Json.JsonException>(() => System.Text.Json.JsonSerializer.Deserialize<Answers>("""{"a":[1]}""", OperationsJson.Options));
    }

    [Theory]
    [InlineData("http://vtn.example/OpenADR2/Simple/2.0b", true)]
    [InlineData("https://vtn.example/OpenADR2/Simple/2.0b", false)]
    public void Https_needs_a_certificate(string url, bool complete)
    {
        var enrollment = Sample.Enrollment with { Identity = Sample.Enrollment.Identity with { VtnUrl = url } };
        Assert.Equal(complete, RequiredActions.Compute(enrollment, Sample.Facts with { Certificate = null }, Sample.Now).Count == 0);
    }

    [Fact]
    public void A_2030_5_identity_is_checked_digit_by_digit()
    {
        var facts = Sample.Facts with { Template = Sample.Template("CSIP-AUS-SAPN"), Site = Sample.Site with { Address = Sample.Site.Address with { Country = "AU", Region = "SA" } } };
        var enrollment = Sample.Enrollment with { Identity = new ProtocolIdentity { Pin = "123456", Nmi = "20019857328", Lfdi = "12" } };
        var actions = RequiredActions.Compute(enrollment, facts, Sample.Now).Where(a => a.Pointer.StartsWith("/identity/", StringComparison.Ordinal)).ToList();
        Assert.Equal(["identity.server", "pin.checkDigit", "lfdi.form", "nmi.tenWanted"], actions.Select(a => a.Code));
        Assert.False(actions[^1].Blocks);
    }

    [Fact]
    public void An_LFDI_that_is_not_the_certificate_s_or_not_the_SFDI_s_is_told()
    {
        const string Lfdi = "3E4F45AB31EDFE5B67E343E5E4562E31984E23E5";
        var facts = Sample.Facts with { Template = Sample.Template("IEEE2030-5-PLAIN"), Certificate = Sample.Certificate with { Kind = CertificateKind.Ieee2030Dot5Device, Lfdi = Lfdi } };
        IEnumerable<string> GetCodes(string lfdi, string? sfdi) => RequiredActions
            .Compute(Sample.Enrollment with { Identity = new ProtocolIdentity { Server = "https://utility.example/dcap", Lfdi = lfdi, Sfdi = sfdi } }, facts, Sample.Now)
            .Where(a => a.Pointer.StartsWith("/identity", StringComparison.Ordinal)).Select(a => a.Code);
        Assert.Empty(GetCodes(Lfdi.ToLowerInvariant(), "167261211391"));
        Assert.Equal(["sfdi.other"], GetCodes(Lfdi, "000000000019"));
        Assert.Equal(["identity.lfdiDiffers"], GetCodes("4" + Lfdi[1..], null));
    }

    [Theory]
    [InlineData(CertificateState.CsrMade, "certificate.csrMade")]
    [InlineData(CertificateState.Revoked, "certificate.revoked")]
    public void A_certificate_that_cannot_be_used_is_named(CertificateState state, string code) =>
        Assert.Equal(code, Assert.Single(RequiredActions.Compute(Sample.Enrollment, Sample.Facts with { Certificate = Sample.Certificate with { State = state } }, Sample.Now)).Code);

    [Fact]
    public void Consent_that_was_given_may_end_or_be_revoked()
    {
        var consent = new Consent { ContactId = Sample.Signer.Id, SignedAt = Sample.Now, Scope = "enrollment", Until = Sample.Day("2027-03-01") };
        Assert.DoesNotContain("signature", Codes(consent, Sample.Now));
        Assert.Contains("signature.expired", Codes(consent, Sample.Now + Duration.FromDays(1)));
        Assert.Contains("signature.revoked", Codes(consent with { RevokedAt = Sample.Now }, Sample.Now));
        Assert.Contains("signer.missing", string.Join(' ', RequiredActions.Compute(ConEd with { Consent = consent }, ConEdFacts with { Contacts = [] }, Sample.Now).Select(a => a.Code)));
    }

    [Fact]
    public void Meter_points_are_named_that_do_not_exist_or_cannot_be_right()
    {
        var facts = Sample.Facts with { MeterPoints = [Sample.Meter with { Scheme = IdentifierScheme.Ean, Identifier = "541448820052632234" }] };
        Assert.Contains(RequiredActions.Compute(Sample.Enrollment, facts, Sample.Now), a => a is { Code: "ean.checkDigit", Blocks: true });
        Assert.Contains(RequiredActions.Compute(Sample.Enrollment with { MeterPointIds = [Sample.Id(3), Sample.Id(99)] }, Sample.Facts, Sample.Now), a => a.Code == "meter.missing" && a.Subject == Sample.Id(99));
    }

    [Fact]
    public void A_generator_s_permit_that_is_over_is_the_customer_s_to_renew()
    {
        var generator = new Asset
        {
            Id = Sample.Id(8),
            Tenant = "default",
            Created = Sample.Stamp,
            Updated = Sample.Stamp,
            Version = 1,
            SiteId = "site-1",
            Kind = AssetKind.Generator,
            Name = "Diesel",
            RatedW = 100_000,
            PermitNo = "DEC-1",
            PermitUntil = Sample.Day("2027-02-28"),
        };
        var action = Assert.Single(RequiredActions.Compute(Sample.Enrollment with { AssetIds = [Sample.Id(8)] }, Sample.Facts with { Assets = [generator] }, Sample.Now));
        Assert.Equal(("permit.expired", ActionOwner.Customer), (action.Code, action.Owner));
    }

    private static string Codes(Consent consent, Instant now) =>
        string.Join(' ', RequiredActions.Compute(ConEd with { Consent = consent }, ConEdFacts, now).Select(a => a.Code));
}
