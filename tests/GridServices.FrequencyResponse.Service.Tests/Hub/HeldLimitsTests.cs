using System.Text.Json;
using GridServices.Contracts;
using GridServices.FrequencyResponse.Service.Hub;
using GridServices.FrequencyResponse.Service.Registry;
using NodaTime;

namespace GridServices.FrequencyResponse.Service.Tests.Hub;

/// <summary>A hub that knows less than it once said ends no limit by saying nothing of it.</summary>
public sealed class HeldLimitsTests
{
    private static readonly EntryId Site = new("default", "site-1");

    [Fact]
    public void What_an_incomplete_hub_leaves_out_holds_until_it_is_complete()
    {
        var held = HeldLimits.Nothing.After(Read("e", 5, Import(30_000))).After(Read("f", 0) with { Incomplete = true });
        Assert.Equal(30_000, ImportW(held));
        Assert.Equal(30_000, ImportW(held.After(Read("f", 1) with { Complete = false, Incomplete = true })));
        Assert.Null(ImportW(held.After(Read("f", 1) with { Complete = false })));
    }

    [Fact]
    public void A_lower_revision_of_an_incomplete_hub_does_not_loosen_and_a_restated_one_replaces()
    {
        var held = HeldLimits.Nothing.After(Read("e", 5, Import(30_000, revision: 5)));
        var early = held.After(Read("f", 1, Import(70_000, revision: 3)) with { Incomplete = true });
        Assert.Equal(30_000, ImportW(early));
        Assert.Equal(70_000, ImportW(early.After(Read("f", 2, Import(70_000, revision: 6)) with { Complete = false, Incomplete = true })));
        Assert.Equal(70_000, ImportW(held.After(Read("f", 1, Import(70_000, revision: 6)) with { Incomplete = true })));
        Assert.Equal(70_000, ImportW(early.After(Read("f", 2) with { Complete = false })));
    }

    [Fact]
    public void A_withdrawal_ends_what_is_retained()
    {
        var held = HeldLimits.Nothing.After(Read("e", 5, Import(30_000, revision: 5)));
        var withdrawal = new Withdrawal { SiteId = Site.Key, Target = Import(1).Target, Stream = Import(1).Stream, Revision = 6 };
        Assert.Null(ImportW(held.After(Read("f", 1) with { Incomplete = true, Withdrawn = [withdrawal] })));
        Assert.Equal(30_000, ImportW(held.After(Read("f", 1) with { Incomplete = true, Withdrawn = [withdrawal with { Revision = 4 }] })));
    }

    [Fact]
    public void A_hub_that_never_heard_of_the_site_or_went_back_in_its_history_ends_nothing()
    {
        var held = HeldLimits.Nothing.After(Read("e", 5, Import(30_000)));
        Assert.Equal(30_000, ImportW(held.After(Read("f", 0) with { SiteKnown = false })));
        var rewound = held.After(Read("e", 2));
        Assert.Equal(30_000, ImportW(rewound));
        Assert.Equal(30_000, ImportW(rewound.After(Read("e", 7) with { Complete = false })));
        Assert.Null(ImportW(rewound.After(Read("f", 0))));
    }

    [Fact]
    public void A_complete_hub_is_believed_and_a_restart_reads_the_same()
    {
        var held = HeldLimits.Nothing.After(Read("e", 5, Import(30_000, revision: 2), Export(5_000, "P2")));
        Assert.Null(ImportW(held.After(Read("e", 6, Export(5_000, "P2")))));
        var early = held.After(Read("f", 0, Import(70_000)) with { Incomplete = true });
        var read = JsonSerializer.Deserialize<HeldLimits>(JsonSerializer.Serialize(early, ContractJson.Options), ContractJson.Options)!;
        Assert.True(CanonicalJson.SameContent(early, read));
        Assert.Equal(30_000, ImportW(read));
    }

    [Fact]
    public void Our_own_reservation_binds_nothing() =>
        Assert.Null(ImportW(HeldLimits.Nothing.After(Read("e", 5, Import(30_000) with { Stream = new StreamId(OtherLimits.OurService, "c1") }))));

    [Fact]
    public void A_site_that_nobody_told_of_is_not_one_without_limits()
    {
        var limits = new OtherLimits(SystemClock.Instance);
        Assert.False(limits.IsKnown(Site));
        limits.Set(Site, HeldLimits.Nothing);
        Assert.True(limits.IsKnown(Site));

        // The hub is asked about one tenant's sites; of another's it has nothing to tell.
        limits.Follow("default");
        Assert.Equal((false, true), (limits.IsKnown(Site with { Key = "site-2" }), limits.IsKnown(Site with { Tenant = "other" })));
    }

    internal static Envelope Import(long watts, string key = "P1", long revision = 1) => CreateEnvelope(key, revision, new Limits { ImportLimitW = watts });

    internal static Envelope Export(long watts, string key = "P1", long revision = 1) => CreateEnvelope(key, revision, new Limits { ExportLimitW = watts });

    private static Envelope CreateEnvelope(string key, long revision, Limits limits) => new()
    {
        EnvelopeId = Guid.NewGuid(),
        Revision = revision,
        SiteId = Site.Key,
        Target = new EnvelopeTarget(TargetKind.Site, Site.Key),
        Stream = new StreamId("openadr", key),
        Tier = Tier.Contractual,
        Obligation = Obligation.Mandatory,
        Segments = [new Segment { From = SystemClock.Instance.GetCurrentInstant() - Duration.FromHours(1), Limits = limits }],
        Provenance = new Provenance { Protocol = "OpenADR 2.0b", Authority = "VTN" },
    };

    private static SiteEnvelopes Read(string epoch, int sequence, params Envelope[] envelopes) => new()
    {
        SiteId = Site.Key,
        Epoch = epoch,
        Sequence = $"{sequence}",
        AsOf = SystemClock.Instance.GetCurrentInstant(),
        Complete = true,
        Envelopes = envelopes,
        Prices = [],
    };

    private static long? ImportW(HeldLimits held)
    {
        var limits = new OtherLimits(SystemClock.Instance);
        limits.Set(Site, held);
        return limits.Now(Site).ImportW;
    }
}
