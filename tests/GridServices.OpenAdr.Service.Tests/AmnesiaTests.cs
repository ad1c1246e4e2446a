using System.Net;
using Dapper;
using GridServices.OpenAdr.Service.Tests.Rig;
using Microsoft.Data.Sqlite;

namespace GridServices.OpenAdr.Service.Tests;

/// <summary>VTNs without memory, VTNs that a VEN leaves, and rows that nobody can read any more: nothing of it is silent, and nothing costs others.</summary>
public sealed class AmnesiaTests
{
    [Fact]
    public async Task A_vtn_that_registers_with_success_and_says_463_to_METADATA_gets_no_storm_and_the_status_tells()
    {
        await using var rig = await VenRig.StartAsync(vtnOptions: ["--habit", "forgetsAtMetadata"]);
        await rig.EnrollAsync();
        await VenRig.UntilAsync(() => rig.GetAsync(VenRig.Path), v => v["notes"]!.AsArray().Any(n => n!["kind"]!.GetValue<string>() == "registrationLoop"));
        Assert.InRange(await rig.Vtn.CountAsync("oadrCreatePartyRegistration"), 1, 6);
    }

    [Fact]
    public async Task The_vtn_that_a_ven_leaves_is_told()
    {
        await using var rig = await VenRig.StartAsync();
        await rig.RegisterAsync();
        await rig.Vtn.IssueAsync("e1", level: 2, start: "-PT1M", duration: "PT2H");
        await rig.HubHasAsync(e => e.Segments.Any(s => s.Cause?.EventId == "e1"));

        await using var other = await Vtn.StartAsync();
        var left = rig.Vtn;
        await rig.PutAsync(VenRig.Path, VenRig.Config(other.Url));
        Assert.Equal(1, await left.CountAsync("oadrCancelPartyRegistration"));
        await VenRig.UntilAsync(() => rig.StateAsync(), s => s == "registered");
    }

    [Fact]
    public async Task A_row_that_cannot_be_read_keeps_its_ven_alone_down_and_a_PUT_takes_its_place_with_higher_revisions()
    {
        await using var rig = await VenRig.StartAsync();
        await rig.RegisterAsync();
        await rig.Vtn.IssueAsync("e1", level: 2, start: "-PT1M", duration: "PT2H");
        var before = await rig.HubHasAsync(e => e.Segments.Any(s => s.Cause?.EventId == "e1"));
        var second = VenRig.Config(rig.Vtn.Url);
        (second["venName"], second["siteId"]) = ("site-2", "site-2");
        await rig.PutAsync("/v1/vens/site-2", second);
        await rig.StopServiceAsync();
        await using (var db = new SqliteConnection($"Data Source={Directory.EnumerateFiles(rig.Folder, "*.db").Single()}"))
        {
            Assert.Equal(1, await db.ExecuteAsync("UPDATE ven_states SET state = '{\"registration\": 5}' WHERE ven_key = 'site-1'"));
        }

        await rig.StartServiceAsync();
        await VenRig.UntilAsync(() => rig.GetAsync("/v1/vens/site-2"), v => v["state"]!.GetValue<string>() == "registered");
        var (status, problem) = await rig.SendAsync(HttpMethod.Get, VenRig.Path);
        Assert.Equal(HttpStatusCode.NotFound, status);
        Assert.Contains("can't be read", problem!["detail"]!.GetValue<string>(), StringComparison.Ordinal);

        using var client = rig.Service.Client();
        Assert.Contains("\nopenadr_vens_unreadable 1\n", await client.GetStringAsync("/metrics"), StringComparison.Ordinal);

        await rig.RegisterAsync();
        Assert.Contains("\nopenadr_vens_unreadable 0\n", await client.GetStringAsync("/metrics"), StringComparison.Ordinal);

        // Nobody knows how far the stream had come, so it goes on far beyond.
        Assert.True((await rig.HubHasAsync(e => e.Revision > 1_000_000_000 && e.Segments.Any(s => s.Cause?.EventId == "e1"))).Revision > before.Revision);
    }
}
