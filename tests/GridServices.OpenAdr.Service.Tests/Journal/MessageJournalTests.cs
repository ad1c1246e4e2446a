using System.Text.Json.Nodes;
using GridServices.Hosting.Storage;
using GridServices.OpenAdr.Service.Tests.Rig;
using GridServices.Testing;

namespace GridServices.OpenAdr.Service.Tests.Journal;

public sealed class MessageJournalTests
{
    [Theory, ClassData(typeof(BothDatabases))]
    public async Task Every_message_is_kept_with_its_raw_XML_and_empty_polls_are_counted(Dialect dialect)
    {
        await using var rig = await VenRig.StartAsync(dialect);
        await rig.RegisterAsync();
        await rig.SettleAsync();
        await rig.Vtn.IssueAsync("e1");
        await VenRig.UntilAsync(() => rig.Vtn.GetAsync("/sim/created-events"), answers => answers.Count == 1);
        await VenRig.UntilAsync(async () => (await MessagesAsync(rig))[0]!["times"]!.GetValue<long>(), times => times >= 10);

        var messages = await MessagesAsync(rig);
        var newest = messages[0]!;
        Assert.Equal(("oadrPoll", "sent", 200), (newest["message"]!.GetValue<string>(), newest["direction"]!.GetValue<string>(), newest["httpStatus"]!.GetValue<int>()));
        var names = messages.Select(m => $"{m!["direction"]} {m["message"]}").Reverse().ToList();
        Assert.Equal("sent oadrQueryRegistration", names[0]);
        Assert.Equal(["received oadrDistributeEvent", "sent oadrCreatedEvent", "received oadrResponse"], names.SkipWhile(n => n != "received oadrDistributeEvent").Skip(1)
            .SkipWhile(n => n != "received oadrDistributeEvent").Take(3));
        var distribute = messages.Last(m => m!["message"]!.GetValue<string>() == "oadrDistributeEvent" && m["xml"]!.GetValue<string>().Contains("e1", StringComparison.Ordinal))!;
        var hash = GridServices.UtilityClients.Journal.JournalRow.ComputeHash(System.Text.Encoding.UTF8.GetBytes(distribute["xml"]!.GetValue<string>()));
        Assert.Equal(hash, distribute["sha256"]!.GetValue<string>());
        Assert.Equal(hash, (await rig.GetAsync(VenRig.Path + "/events/e1"))["sha256"]!.GetValue<string>());
    }

    [Fact]
    public async Task Pages_follow_one_another_without_gap()
    {
        await using var rig = await VenRig.StartAsync();
        await rig.RegisterAsync();
        var all = (await MessagesAsync(rig)).Select(Id).ToList();
        var paged = new List<string>();
        for (string? next = "9999999"; next is not null;)
        {
            var page = await rig.GetAsync($"{VenRig.Path}/messages?limit=3&before={next}");
            paged.AddRange(page["messages"]!.AsArray().Select(Id));
            next = page["next"]?.GetValue<string>();
        }

        Assert.Equal(all, paged.SkipWhile(id => id != all[0]));
        Assert.Equal(400, (int)(await rig.SendAsync(HttpMethod.Get, VenRig.Path + "/messages?limit=0")).Status);
    }

    [Fact]
    public async Task An_empty_poll_costs_no_disk_write()
    {
        await using var rig = await VenRig.StartAsync();
        await rig.StopServiceAsync();
        await rig.StartServiceAsync("--Journal:WriteSeconds=3600");
        await rig.RegisterAsync("PT0.05S");
        await rig.SettleAsync();

        // What the registration published is struck from the store once the hub has it.
        await VenRig.UntilAsync(async () => (await rig.GetAsync("/v1/outbox"))["pending"]!.GetValue<long>(), pending => pending == 0);
        var before = DescribeDisk(rig);
        var polls = await rig.Vtn.CountAsync("oadrPoll");

        await VenRig.UntilAsync(() => rig.Vtn.CountAsync("oadrPoll"), n => n >= polls + 20);

        Assert.Equal(before, DescribeDisk(rig));
    }

    [Fact]
    public async Task Counted_polls_survive_a_restart()
    {
        await using var rig = await VenRig.StartAsync();
        await rig.RegisterAsync();
        await rig.SettleAsync();
        var settled = await rig.Vtn.CountAsync("oadrPoll");
        await VenRig.UntilAsync(() => rig.Vtn.CountAsync("oadrPoll"), n => n >= settled + 5);
        await rig.StopServiceAsync();

        // One that is cut off by the end was sent and brought nothing: it is not counted.
        var polls = await rig.Vtn.CountAsync("oadrPoll") - 1;

        await rig.StartServiceAsync();

        Assert.True((await MessagesAsync(rig)).Where(m => m!["message"]!.GetValue<string>() == "oadrPoll").Sum(m => m!["times"]!.GetValue<long>()) >= polls);
    }

    private static string Id(JsonNode? message) => message!["id"]!.GetValue<string>();

    private static async Task<JsonArray> MessagesAsync(VenRig rig) => (await rig.GetAsync(VenRig.Path + "/messages?limit=500"))["messages"]!.AsArray();

    private static string DescribeDisk(VenRig rig) => string.Join(
        "; ", new DirectoryInfo(rig.Folder).GetFiles("openadr.db*").Where(f => !f.Name.EndsWith("-shm", StringComparison.Ordinal))
            .OrderBy(f => f.Name, StringComparer.Ordinal).Select(f => $"{f.Name} {f.Length} {f.LastWriteTimeUtc:O}"));
}
