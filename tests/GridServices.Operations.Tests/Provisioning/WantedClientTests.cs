using System.Text.Json;
using System.Text.Json.Nodes;
using GridServices.Contracts;
using GridServices.Ieee2030Dot5.Configuration;
using GridServices.Operations.Enrollments;
using GridServices.Operations.Provisioning;
using NodaTime;
using static GridServices.Operations.Tests.Provisioning.WantedDocumentTests;

namespace GridServices.Operations.Tests.Provisioning;

/// <summary>Documents of IEEE 2030.5 clients.</summary>
public sealed class WantedClientTests
{
    [Fact]
    public void A_client_is_read_by_the_2030_5_core_without_fault()
    {
        var document = Single([DerClient], ProvisionedService.Ieee2030Dot5);
        var client = JsonSerializer.Deserialize<DerClientConfig>(document.Json, ContractJson.Options)!;
        Assert.Empty(DerClientConfigRules.Check(client));
        Assert.Equal((DerMode.Direct, DerEdition.CsipAus12, "111115", "2001985732", 50m, DerRegistration.OutOfBand), (client.Mode, client.Edition, client.Pin, client.Nmi, client.NominalHz, client.Registration));
        Assert.Equal((83, 50_000L, 20_000L, 40_000L), (client.Nameplate.Type, client.Nameplate.MaxW, client.Nameplate.MaxChargeW, client.Nameplate.MaxWh));
        Assert.Equal((null, 1500L), (client.Fallback!.ImportLimitW, client.Fallback.ExportLimitW));
        Assert.Null(client.Lfdi);
    }

    [Fact]
    public void Sites_of_one_client_key_are_an_aggregator_s_devices()
    {
        var second = Other(DerClient, 31, null) with { Site = DerClient.Site with { SiteId = "site-2" } };
        ProvisionSource Under(ProvisionSource source) => source with { Enrollment = source.Enrollment with { Identity = source.Enrollment.Identity with { ClientKey = "fleet" } } };
        var document = Single([Under(DerClient), Under(second)], ProvisionedService.Ieee2030Dot5);
        var client = JsonSerializer.Deserialize<DerClientConfig>(document.Json, ContractJson.Options)!;
        Assert.Equal("/v1/clients/fleet", document.Path);
        Assert.Empty(DerClientConfigRules.Check(client));
        Assert.Equal((DerMode.Aggregator, 2), (client.Mode, client.Devices.Count));
        Assert.Contains(WantedDocuments.Create([Under(DerClient), Under(second) with { Site = DerClient.Site }], Today).Faults, f => f.Field == "/identity/clientKey");
    }

    [Fact]
    public void What_an_aggregator_s_client_has_once_every_site_states_alike_or_is_told_to_have_a_client_of_its_own()
    {
        ProvisionSource CreateSource(int number, string site, Func<Enrollment, Enrollment>? change = null) => DerClient with
        {
            Site = DerClient.Site with { SiteId = site },
            Enrollment = (change ?? (e => e))(DerClient.Enrollment with { Id = Sample.Id(number), SiteId = site, Identity = DerClient.Enrollment.Identity with { ClientKey = "fleet" } }),
        };
        var first = CreateSource(30, "site-1");
        Assert.Empty(WantedDocuments.Create([first, CreateSource(31, "site-2")], Today).Faults);
        (ProvisionSource Other, string Field)[] cases =
        [
            (CreateSource(31, "site-2", e => e with { Answers = e.Answers.With("fallbackExportW", "0") }), "/answers/fallbackExportW"),
            (CreateSource(31, "site-2", e => e with { Answers = e.Answers.With("fallbackExportW", null) }), "/answers/fallbackExportW"),
            (CreateSource(31, "site-2", e => e with { Answers = e.Answers.With("fallbackImportW", "7000") }), "/answers/fallbackImportW"),
            (CreateSource(31, "site-2", e => e with { Failsafe = new Failsafe { StaleAfter = Duration.FromMinutes(7), OnStale = OnStale.HoldSchedule } }), "/failsafe"),
            (CreateSource(31, "site-2", e => e with { Identity = e.Identity with { Server = "https://other.example/dcap" } }), "/identity/server"),
            (CreateSource(31, "site-2") with { Template = DerClient.Template with { Defaults = DerClient.Template.Defaults with { Obligation = Obligation.Advisory } } }, "/identity/clientKey"),
            (CreateSource(31, "site-2") with { Template = DerClient.Template with { Defaults = DerClient.Template.Defaults with { Tier = Tier.Market } } }, "/identity/clientKey"),
        ];
        Assert.All(cases, c =>
        {
            var fault = Assert.Single(WantedDocuments.Create([first, c.Other], Today).Faults);
            Assert.Equal((Sample.Id(31), c.Field), (fault.EnrollmentId, fault.Field));
            Assert.Contains("client key of its own", fault.Text, StringComparison.Ordinal);
        });
    }

    [Theory]
    [InlineData("5000", 5000)]
    [InlineData("5000.0", 5000)]
    [InlineData("+5000", 5000)]
    [InlineData("0", 0)]
    [InlineData("5000.5", null)]
    [InlineData("-1", null)]
    [InlineData("1e3", null)]
    [InlineData("x", null)]
    public void A_fallback_that_the_form_takes_is_one_and_what_can_not_be_read_is_a_fault(string answer, int? watts)
    {
        var source = DerClient with { Enrollment = DerClient.Enrollment with { Answers = DerClient.Enrollment.Answers.With("fallbackExportW", answer) } };
        var outcome = WantedDocuments.Create([source], Today);
        if (watts is null)
        {
            Assert.Equal("/answers/fallbackExportW", Assert.Single(outcome.Faults).Field);
            return;
        }

        Assert.Equal(watts, JsonNode.Parse(Assert.Single(outcome.Documents).Json)!["fallback"]!["exportLimitW"]!.GetValue<int>());
    }

    [Fact]
    public void Numbers_of_other_documents_are_read_as_the_form_reads_them()
    {
        var signed = Ven with { Enrollment = Ven.Enrollment with { Answers = Ven.Enrollment.Answers.With("levelOneKw", "+60").With("peakDemandKw", "+70.0") } };
        Assert.Equal(60_000, LevelW(signed, "2027-06-01", "1"));
        Assert.Equal(70_000, JsonNode.Parse(Single([signed], ProvisionedService.OpenAdr).Json)!["programs"]![0]!["signals"]!["LOAD_CONTROL"]!["referenceW"]!.GetValue<int>());
        var unread = Ven with { Enrollment = Ven.Enrollment with { Answers = Ven.Enrollment.Answers.With("peakDemandKw", "a lot") } };
        Assert.Equal("/answers/peakDemandKw", Assert.Single(WantedDocuments.Create([unread], Today).Faults).Field);
    }
}
