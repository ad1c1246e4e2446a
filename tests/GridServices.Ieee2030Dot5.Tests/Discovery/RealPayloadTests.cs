using GridServices.Ieee2030Dot5.Messages;
using GridServices.Testing;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Tests.Discovery;

/// <summary>Answers of a real server, walked.</summary>
public sealed class RealPayloadTests
{
    [Theory]
    [InlineData("application/sep+xml; charset=ISO-8859-1", 0)]
    [InlineData("application/sep+xml; charset=\"iso-8859-1\"", 0)]
    [InlineData("application/sep+xml; charset=utf-8", 0)]
    public void A_description_in_the_charset_of_the_header_costs_no_limit(string type, long watts)
    {
        var world = new World().WithTree(60);
        world.Server.List("/derp/1/derc", "DERControlList", string.Empty, () => [Xml.Control("C1", World.Start, 3600, watts, more: "<description>Begrenzung für heute</description>")]);
        var list = world.Server.Resources["/derp/1/derc"];
        world.Server.On("/derp/1/derc", asked => list(asked) with { ContentType = type });
        world.Run(Duration.FromMinutes(2));
        Assert.Equal(watts, world.StrictestExportNow());
    }

    private const string Folder = "ieee2030-5/samples/envoy-v1.3-live";

    [Fact]
    public void The_tree_of_a_live_utility_server_is_walked_to_its_default_and_controls()
    {
        var world = new World(World.Usual with { Lfdi = "4f6adb073a78fb7dc2d08ccb664904b5a4eaf767", Pin = "111115", Edition = null, Nmi = "1234567890" });
        foreach (var (path, file) in new[]
        {
            ("/dcap", "dcap"), ("/tm", "tm"), ("/edev", "edev"), ("/edev/1/rg", "edev_1_rg"), ("/edev/1/fsa", "edev_1_fsa"), ("/edev/1/fsa/1/derp", "edev_1_fsa_1_derp"),
            ("/edev/1/derp/1/dderc", "edev_1_derp_1_dderc"), ("/edev/1/der", "edev_1_der"), ("/mup", "mup"),
        })
        {
            var body = File.ReadAllText(TestData.Path($"{Folder}/{file}.xml"));
            world.Server.On(path, asked => new FakeServer.Reply(asked.Method == "GET" ? 200 : 201, body));
        }

        var page = File.ReadAllText(TestData.Path($"{Folder}/edev_1_derp_1_derc_s_0_l_5.xml")).Replace("all=\"12\"", "all=\"5\"", StringComparison.Ordinal);
        world.Server.Put("/edev/1/derp/1/derc", page);
        foreach (var path in new[] { "/edev/1/cp", "/edev/1/der/1/dercap", "/edev/1/der/1/derg", "/edev/1/der/1/ders", "/edev/1/der/1/dera" })
        {
            world.Server.Status(path, 204);
        }

        world.Run(Duration.FromMinutes(1));

        // One control was running when the answers were taken, by the server's own clock; after it the default.
        Assert.Equal((5000L, 2500L), (world.Envelope!.Segments[0].Limits.ImportLimitW, world.Envelope.Segments[0].Limits.ExportLimitW));
        Assert.Equal((1500L, 1500L), (world.Envelope.Segments[^1].Limits.ImportLimitW, world.Envelope.Segments[^1].Limits.ExportLimitW));
        Assert.Equal(5, world.State.Nodes.Values.Select(n => n.Known).OfType<DerControlList>().Single().Items.Count);
        Assert.Contains("https://csipaus.org/ns/v1.3", world.Server.Posts("/edev/1/cp").Single().Body, StringComparison.Ordinal);
        Assert.Equal(2, world.Server.Posts("/mup").Count);
        Assert.DoesNotContain(world.Notes, n => n.Kind is NoteKind.ReplyRefused or NoteKind.HrefRefused or NoteKind.RegistrationRefused);
    }
}
