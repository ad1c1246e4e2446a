using System.Text.Json;
using GridServices.Local.Feed;
using NodaTime;

namespace GridServices.Local.Tests;

/// <summary>From what the services answer to what a person reads.</summary>
public sealed class ServiceChangesTests
{
    private static readonly Instant Now = Instant.FromUtc(2027, 1, 15, 18, 0);

    [Fact]
    public void A_ven_and_its_events()
    {
        var changes = OpenAdrChanges.Read(
            Json("""{ "venKey": "site-1", "state": "registered", "venId": "VEN-1", "sites": ["site-1", "site-2"], "condition": { "vtnId": "VTN-1", "status": "ok" } }"""),
            [Json("""{ "eventId": "e1", "modificationNumber": 2, "status": "far", "start": "2027-01-15T18:30:00Z", "end": "2027-01-15T19:00:00Z", "optType": "optIn" }""")],
            Now).ToList();
        Assert.Equal("VEN site-1: registered with VTN-1 as VEN-1; the line is ok", changes[0].Text);
        Assert.Equal("site-1 +1", changes[0].Site);
        Assert.Equal("event e1: far, 18:30:00 to 19:00:00, optIn, modification 2", changes[1].Text);
        Assert.All(changes, change => Assert.Equal(ChangeWeight.Normal, change.Weight));
    }

    [Fact]
    public void A_lost_line_a_refused_event_and_parked_messages_are_alarms()
    {
        var lost = Json("""{ "venKey": "v", "state": "registering", "sites": ["s"], "condition": { "status": "lost", "problem": "no answer, again in 31 s" } }""");
        var refused = Json("""{ "eventId": "e", "status": "refused", "optType": "optOut", "refusal": { "code": 460, "reason": "the unit is unknown" } }""");
        var changes = OpenAdrChanges.Read(lost, [refused], Now).ToList();
        Assert.All(changes, change => Assert.Equal(ChangeWeight.Alarm, change.Weight));
        Assert.Equal("VEN v: not registered (registering); the line is lost: no answer, again in 31 s", changes[0].Text);
        Assert.Contains("answered 460: the unit is unknown", changes[1].Text, StringComparison.Ordinal);
        var parked = Json("""{ "venKey": "v", "state": "registered", "sites": ["s"], "condition": { "status": "ok", "parked": [ {} ] } }""");
        Assert.Equal(ChangeWeight.Alarm, OpenAdrChanges.Read(parked, [], Now).Single().Weight);
    }

    [Fact]
    public void A_client_and_its_controls()
    {
        var changes = DerChanges.Read(
            Json("""{ "clientKey": "c", "sites": ["site-1"], "condition": { "status": "ok", "sfdi": "301" } }"""),
            [Json("""{ "siteId": "site-1", "mRid": "31A1FDD4057A00000000000400012345", "status": "active", "start": "2027-01-15T18:30:00Z", "end": "2027-01-20T19:00:00Z", "settings": [ { "mode": "impLimW", "amount": 70000 }, { "mode": "connect", "amount": 1 } ] }""")],
            Now).ToList();
        Assert.Equal("client c: the line is ok; SFDI 301", changes[0].Text);
        Assert.Equal("control …000400012345: active, 18:30:00 to 2027-01-20 19:00: import ≤ 70.0 kW, connect 1", changes[1].Text);
    }

    [Fact]
    public void The_limits_of_a_site_are_a_line_each_with_who_binds_and_who_is_next()
    {
        var changes = SiteChanges.Read(Json("""
            { "siteId": "site-1", "phase": "controlled", "streams": [], "deficitW": 0,
              "limits": {
                "importLimitW": { "value": 45000, "boundBy": { "service": "ieee2030-5", "key": "FSA3", "tier": "regulatory" }, "next": { "service": "openadr", "key": "PROG7", "value": 60048 } },
                "exportLimitW": { "value": 0, "boundBy": { "service": "ieee2030-5", "key": "FSA3", "tier": "regulatory" } } },
              "setpoint": { "targetW": -5000, "shortfallW": 250, "by": { "service": "frequency", "key": "dcl-1" } } }
            """)).Where(change => !change.IsOver).Select(change => change.Text).ToList();
        Assert.Equal(
            [
                "follows the hub",
                "import ≤ 45.0 kW (openadr/PROG7 allows 60.0 kW) by ieee2030-5/FSA3 (regulatory)",
                "export ≤ 0.0 kW by ieee2030-5/FSA3 (regulatory)",
                "asked to draw -5.0 kW by frequency/dcl-1, 0.25 kW short of what was asked",
            ],
            changes);
    }

    [Fact]
    public void A_site_in_fail_safe_or_over_its_limit_is_an_alarm()
    {
        var changes = SiteChanges.Read(Json("""
            { "siteId": "s", "phase": "failsafe", "deficitW": 1200, "streams": [ { "phase": "failsafe", "why": "silent for 2 min" }, { "phase": "live", "why": "heard" } ],
              "limits": { "energize": { "value": false, "boundBy": {} } } }
            """)).Where(change => !change.IsOver).ToList();
        Assert.Equal(["FAIL-SAFE: silent for 2 min", "must be disconnected", "the load that can't be curtailed exceeds the limit"], changes.Select(change => change.Text));
        Assert.Equal(2, changes.Count(change => change.Weight == ChangeWeight.Alarm));
    }

    [Fact]
    public void A_contract_moves_with_the_frequency_without_a_line_each()
    {
        var contract = Json("""{ "contractId": "dcl-1", "siteId": "site-1" }""");
        var one = FrequencyChanges.Read(contract, Json("""{ "procured": true, "rung": "valid", "faults": [], "frequencyHz": 50.012, "compliance": { "predictedFactor": 0.987 } }""")).Single();
        var other = FrequencyChanges.Read(contract, Json("""{ "procured": true, "rung": "valid", "faults": [], "frequencyHz": 50.001, "compliance": { } }""")).Single();
        Assert.Equal("contract dcl-1: armed, measurement valid at 50.012 Hz; predicted factor 0.99", one.Text);
        Assert.EndsWith("delivery not measured yet", other.Text, StringComparison.Ordinal);
        Assert.Equal(one.Sameness, other.Sameness);
        var lost = FrequencyChanges.Read(contract, Json("""{ "procured": true, "rung": "hold", "faults": ["stale"], "activation": { "began": "x" }, "compliance": { } }""")).ToList();
        Assert.Equal(ChangeWeight.Alarm, lost[0].Weight);
        Assert.Equal("response dcl-1 x", lost[1].Key);
    }

    [Fact]
    public void A_demand_window_is_told_when_the_peak_moves()
    {
        Change At(string peak, string room) => DemandChanges.Read("site-1", Json($$"""
            { "meters": [ { "meterId": "m", "currency": "EUR", "charges": [ { "peakToDateKw": {{peak}}, "targetKw": 75, "windowEnd": "2027-01-15T18:15:00Z", "headroomKw": {{room}}, "marginalPriceWithTaxes": 14.57 } ] } ] }
            """), Now).Single();
        Assert.Equal("meter m: peak 60.0 kW, target 75.0 kW; 12.5 kW free until 18:15:00", At("60", "12.5").Text);
        Assert.Equal(At("60", "12.5").Sameness, At("60", "3").Sameness);
        Assert.NotEqual(At("60", "12.5").Sameness, At("61", "12.5").Sameness);
    }

    [Fact]
    public void Simulators_lines_know_whose_they_are()
    {
        var answer = SimulatorLines.Read("utility", "VEN-site-1 answers demo-5/0: optIn (200)", name => name == "VEN-site-1" ? "site-1" : null);
        Assert.Equal(("site-1", "VEN-site-1", ChangeWeight.Normal), (answer.Site, answer.Owner, answer.Weight));
        var device = SimulatorLines.Read("der-utility", "Device 12: started the control (000012345678)", _ => null);
        Assert.Equal((null, "Device 12"), (device.Site, device.Owner));
        Assert.Equal(ChangeWeight.Detail, SimulatorLines.Read("utility", "told VEN-site-1 of 0 event(s)", _ => null).Weight);
    }

    private static JsonElement Json(string text)
    {
        using var document = JsonDocument.Parse(text);
        return document.RootElement.Clone();
    }
}
