using System.Text;
using System.Text.Json;
using GridServices.Contracts;
using GridServices.FrequencyResponse.Catalog;
using GridServices.FrequencyResponse.Curves;
using NodaTime;

namespace GridServices.FrequencyResponse.Tests.Catalog;

public sealed class ServiceCatalogTests
{
    private static readonly ServiceCatalog BuiltIn = ServiceCatalog.BuiltIn;

    [Fact]
    public void Every_service_of_the_collection_is_in_the_catalog_with_its_numbers()
    {
        foreach (var known in FrequencyData.Json("services.json").GetProperty("services").EnumerateArray())
        {
            var service = BuiltIn.Find(known.GetProperty("id").GetString()!);
            Assert.NotNull(service);
            Assert.Equal(known.Double("f0"), service.NominalHz);
            Same(known, "initiation_s", service.InitiationSeconds);
            Same(known, "full_s", service.FullActivationSeconds);
            Same(known, "half_s", service.Value(NumberNames.HalfActivationSeconds));
            Same(known, "reserved_capacity", service.ReservedCapacity);
            Same(known, "recovery_share_per_sp", service.RecoverySharePerPeriod);
            Same(known, "trigger_hz", service.TriggerHz);
            Same(known, "min_steps", service.Value(NumberNames.MinSteps));
            Same(known, "duration_min", service.DurationSeconds / 60);
            if (known.TryGetProperty("curve", out var curve))
            {
                Assert.Equal(curve.EnumerateArray().Select(c => new Knot(c[0].GetDouble(), c[1].GetDouble())), service.Curve!.Knots);
            }
        }
    }

    [Fact]
    public void Every_number_has_a_source_and_every_service_an_age_limit()
    {
        Assert.All(BuiltIn.Services, service =>
        {
            Assert.True(service.Kind == ServiceKind.Instruction || service.SampleAgeLimitSeconds is > 0);
            Assert.All(service.Numbers, n => Assert.False(string.IsNullOrWhiteSpace(n.Value.Source)));
            Assert.All(service.Numbers.Keys, name => Assert.True(NumberNames.All.Contains(name), name));
            Assert.True(service.Kind is ServiceKind.Signal or ServiceKind.Instruction || service.ResolutionHz is > 0);
        });
    }

    [Theory]
    [InlineData("GB-PQR", ServiceKind.Instruction, ResponseDirection.Raise)]
    [InlineData("GB-NQR", ServiceKind.Instruction, ResponseDirection.Lower)]
    [InlineData("GB-PSR", ServiceKind.Instruction, ResponseDirection.Raise)]
    [InlineData("GB-PBR", ServiceKind.Instruction, ResponseDirection.Raise)]
    [InlineData("NORDIC-SFCR-D-UP", ServiceKind.Switched, ResponseDirection.Raise)]
    [InlineData("CE-AFRR-UP", ServiceKind.Signal, ResponseDirection.Raise)]
    [InlineData("CE-MFRR-DOWN", ServiceKind.Instruction, ResponseDirection.Lower)]
    [InlineData("AEMO-R5-SWITCHED", ServiceKind.Switched, ResponseDirection.Raise)]
    [InlineData("AEMO-REG-LOWER", ServiceKind.Signal, ResponseDirection.Lower)]
    [InlineData("ERCOT-ECRS", ServiceKind.Instruction, ResponseDirection.Raise)]
    [InlineData("ERCOT-RRS-PFR", ServiceKind.Continuous, ResponseDirection.Raise)]
    [InlineData("ERCOT-REG-UP", ServiceKind.Signal, ResponseDirection.Raise)]
    [InlineData("CAISO-REG-DOWN", ServiceKind.Signal, ResponseDirection.Lower)]
    [InlineData("NYISO-REGULATION", ServiceKind.Signal, ResponseDirection.Both)]
    [InlineData("ISONE-REGULATION", ServiceKind.Signal, ResponseDirection.Both)]
    [InlineData("MISO-REGULATION", ServiceKind.Signal, ResponseDirection.Both)]
    [InlineData("IE-DS3-TOR2", ServiceKind.Switched, ResponseDirection.Raise)]
    [InlineData("CH-FCR", ServiceKind.Continuous, ResponseDirection.Both)]
    [InlineData("CH-MFRR-UP", ServiceKind.Instruction, ResponseDirection.Raise)]
    [InlineData("HQ-GOVERNOR", ServiceKind.Continuous, ResponseDirection.Both)]
    public void What_operators_buy_today_is_there_and_does_not_claim_to_be_read(string id, ServiceKind kind, ResponseDirection direction)
    {
        var service = BuiltIn.Find(id)!;
        Assert.Equal((kind, direction), (service.Kind, service.Direction));
        Assert.DoesNotContain(service.Numbers.Values, n => n.Certainty == Certainty.Primary);
    }

    [Fact]
    public void A_product_that_changed_is_there_in_each_form_with_the_dates_of_it()
    {
        var changed = Instant.FromUtc(2025, 12, 5, 6, 0);
        var (before, since) = (BuiltIn.Find("ERCOT-RRS-PFR-1H")!, BuiltIn.Find("ERCOT-RRS-PFR")!);
        Assert.Equal((3600, 1800), (before.DurationSeconds, since.DurationSeconds));
        Assert.Equal((changed, changed), (before.Validity!.Until, since.Validity!.From));
        Assert.Same(since, BuiltIn.FormAt(before, changed, null));
        Assert.Same(before, BuiltIn.FormAt(since, changed - Duration.FromDays(1), changed));
        Assert.Null(BuiltIn.FormAt(since, changed - Duration.FromDays(1), changed + Duration.FromTicks(1)));
    }

    [Fact]
    public void Dates_are_replaced_by_configuration()
    {
        var catalog = CatalogOverrides.Apply(BuiltIn, """{"ERCOT-ECRS":{"validFrom":"2026-02-01T00:00:00Z","validUntil":"2027-02-01T00:00:00Z"}}"""u8.ToArray()).Value!;
        var validity = catalog.Find("ERCOT-ECRS")!.Validity!;
        Assert.Equal((Instant.FromUtc(2026, 2, 1, 0, 0), Instant.FromUtc(2027, 2, 1, 0, 0), Certainty.Configured), (validity.From, validity.Until, validity.Certainty));
        Assert.False(validity.Covers(Instant.FromUtc(2026, 3, 1, 0, 0), null));
        Assert.Equal("/GB-PQR/validFrom", CatalogOverrides.Apply(BuiltIn, """{"GB-PQR":{"validFrom":"soon"}}"""u8.ToArray()).Problem?.Pointer);
    }

    [Fact]
    public void Direction_says_what_the_curve_does()
    {
        Assert.All(BuiltIn.Services.Where(s => s.Curve is not null), service =>
        {
            Assert.Equal(service.Direction != ResponseDirection.Lower, service.Curve!.Evaluate(service.NominalHz - 2) > 0);
            Assert.Equal(service.Direction != ResponseDirection.Raise, service.Curve.Evaluate(service.NominalHz + 2) < 0);
            Assert.Equal(0, service.Curve.Evaluate(service.NominalHz));
        });
    }

    [Fact]
    public void Two_droops_of_the_same_numbers_differ_by_their_denominator()
    {
        var tre = BuiltIn.Find("ERCOT-PFR")!.Curve!;
        Assert.Equal((60 - 59.9 - 0.017) / ((60 * 0.05) - 0.017), tre.Evaluate(59.9), 1e-12);
        var plain = Custom("""{"id":"P","nominalHz":60,"droop":{"kind":"plain","deadbandHz":0.017,"droop":0.05}}""").Value!.Curve!;
        Assert.Equal((60 - 59.9 - 0.017) / (60 * 0.05), plain.Evaluate(59.9), 1e-12);
    }

    [Theory]
    [InlineData("""{"GB-STATIC-FFR":{"triggerHz":49.6}}""", "GB-STATIC-FFR", 49.65, 0)]
    [InlineData("""{"GB-STATIC-FFR":{"triggerHz":49.6}}""", "GB-STATIC-FFR", 49.6, 1)]
    [InlineData("""{"AEMO-R6-VARIABLE":{"droop":0.04}}""", "AEMO-R6-VARIABLE", 49.65, 0.1)]
    public void Recalled_number_is_replaced_and_the_curve_follows(string json, string id, double hz, double pu)
    {
        var catalog = CatalogOverrides.Apply(BuiltIn, Encoding.UTF8.GetBytes(json)).Value;
        Assert.Equal(pu, catalog!.Find(id)!.Curve!.Evaluate(hz), 1e-9);
        Assert.Contains(catalog.Find(id)!.Numbers.Values, n => n.Certainty == Certainty.Configured);
        Assert.Equal(BuiltIn.Services.Count(), catalog.Services.Count());
    }

    [Theory]
    [InlineData("""{"GB-DCL":{"durationSeconds":60}}""", "/GB-DCL/durationSeconds")]
    [InlineData("""{"GB-DCL":{"nothing":60}}""", "/GB-DCL/nothing")]
    [InlineData("""{"GB-NONE":{"triggerHz":60}}""", "/GB-NONE")]
    [InlineData("""{"AEMO-R6-VARIABLE":{"droop":0}}""", "/AEMO-R6-VARIABLE/droop")]
    [InlineData("""{"GB-STATIC-FFR":{"triggerHz":"49.6"}}""", "/GB-STATIC-FFR/triggerHz")]
    public void Replacement_that_cannot_be_made_says_where(string json, string pointer) =>
        Assert.Equal(pointer, CatalogOverrides.Apply(BuiltIn, Encoding.UTF8.GetBytes(json)).Problem?.Pointer);

    [Theory]
    [InlineData("""{"id":"A","nominalHz":50,"curve":[[49.5,1],[49.9,0]],"numbers":{"fullActivationSeconds":1}}""", 49.7, 0.5)]
    [InlineData("""{"id":"A","nominalHz":50,"triggerHz":50.4,"direction":"lower"}""", 50.4, -1)]
    [InlineData("""{"id":"A","nominalHz":60,"droop":{"kind":"lessDeadband","deadbandHz":0.034,"droop":0.05}}""", 59.0, 0.966 / 2.966)]
    public void Custom_service_is_read(string json, double hz, double pu)
    {
        var service = Custom(json).Value!;
        Assert.Equal(pu, service.Curve!.Evaluate(hz), 1e-9);
        Assert.Equal(pu, BuiltIn.With(service).Find("A")!.Curve!.Evaluate(hz), 1e-9);
    }

    [Theory]
    [InlineData("""{"id":"A","nominalHz":50,"curve":[[49.5,0],[49.9,1]]}""", "/curve/1")]
    [InlineData("""{"id":"A","nominalHz":50,"curve":[[49.9,1],[49.5,0]]}""", "/curve/1")]
    [InlineData("""{"id":"A","nominalHz":50,"curve":[[49.9]]}""", "/curve/0")]
    [InlineData("""{"id":"A","nominalHz":50,"curve":[[9.9,1]]}""", "/curve/0/0")]
    [InlineData("""{"id":"A","nominalHz":50,"triggerHz":49.6}""", "/direction")]
    [InlineData("""{"id":"A","nominalHz":55,"triggerHz":49.6,"direction":"raise"}""", "/nominalHz")]
    [InlineData("""{"id":"A","nominalHz":50,"triggerHz":49.6,"curve":[[49.9,1]]}""", "")]
    [InlineData("""{"id":"A/B","nominalHz":50,"triggerHz":49.6,"direction":"raise"}""", "/id")]
    [InlineData("""{"id":"A","nominalHz":60,"droop":{"kind":"lessDeadband","deadbandHz":4,"droop":0.05}}""", "/droop/deadbandHz")]
    [InlineData("""{"id":"A","nominalHz":60,"droop":{"kind":"ieee1547","deadbandHz":4,"droop":0.05}}""", "/droop")]
    [InlineData("""{"id":"A","nominalHz":50,"curve":[[49.9,1]],"numbers":{"speed":1}}""", "/numbers/speed")]
    [InlineData("""["A"]""", "")]
    [InlineData("""{"id":"A","nominalHz":50,"kind":"signal"}""", "/direction")]
    [InlineData("""{"id":"A","nominalHz":50,"kind":"guess","direction":"both"}""", "/kind")]
    [InlineData("""{"id":"A","nominalHz":50,"kind":"signal","direction":"both","numbers":{"signalPeriodSeconds":90}}""", "/numbers/signalPeriodSeconds")]
    [InlineData("""{"id":"A","nominalHz":50,"kind":"instruction","direction":"raise","numbers":{"minActivationSeconds":90,"maxActivationSeconds":60}}""", "/numbers/minActivationSeconds")]
    [InlineData("""{"id":"A","nominalHz":50,"kind":"instruction","direction":"raise","numbers":{"rampSeconds":90,"fullActivationSeconds":60}}""", "/numbers/rampSeconds")]
    public void Custom_service_that_makes_no_sense_says_where(string json, string pointer) => Assert.Equal(pointer, Custom(json).Problem?.Pointer);

    [Theory]
    [InlineData("""{"id":"A","nominalHz":50,"kind":"signal","direction":"both","numbers":{"signalPeriodSeconds":2}}""", ServiceKind.Signal)]
    [InlineData("""{"id":"A","nominalHz":60,"kind":"instruction","direction":"both"}""", ServiceKind.Instruction)]
    public void Custom_service_may_follow_a_signal_or_instructions(string json, ServiceKind kind)
    {
        var service = Custom(json).Value!;
        Assert.Equal((kind, ResponseDirection.Both), (service.Kind, service.Direction));
        Assert.Null(service.Curve);
    }

    [Fact]
    public void Catalog_shows_sources_in_json()
    {
        var json = JsonSerializer.SerializeToElement(CatalogAnswer.Create(BuiltIn), ContractJson.Options);
        var dcl = json.GetProperty("services").EnumerateArray().Single(s => s.GetProperty("id").GetString() == "GB-DCL");
        Assert.Equal("primary", dcl.GetProperty("curveCertainty").GetString());
        Assert.Equal("recalled", dcl.GetProperty("numbers").GetProperty("fullFactorError").GetProperty("certainty").GetString());
        Assert.Equal(49.8, dcl.GetProperty("curve")[1][0].GetDouble());
    }

    private static ReadOutcome<ServiceDefinition> Custom(string json) => CustomService.Read(Encoding.UTF8.GetBytes(json));

    private static void Same(JsonElement known, string name, double? ours)
    {
        if (known.TryGetProperty(name, out var value))
        {
            Assert.Equal(value.GetDouble(), ours);
        }
    }
}
