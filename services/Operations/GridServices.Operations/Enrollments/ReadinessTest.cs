using GridServices.Contracts;
using GridServices.Operations.Registry;
using NodaTime;

namespace GridServices.Operations.Enrollments;

/// <summary>A test event or capability test of an enrollment.</summary>
/// <param name="Kind">What was tested.</param>
/// <param name="At">When it was over.</param>
/// <param name="Passed">Whether the site did what was asked.</param>
/// <param name="Detail">In English.</param>
public sealed record ReadinessTest(ReadinessKind Kind, Instant At, bool Passed, string Detail);

public enum ReadinessKind
{
    /// <summary>The utility's own test event.</summary>
    UtilityEvent,

    /// <summary>A capability test with a utility's test procedure.</summary>
    CapabilityTest,

    /// <summary>An advisory limit of a minute from here, see <see cref="TestLimit"/>.</summary>
    TestLimit,
}

/// <summary>A test from our side: an advisory limit of one minute, which binds nobody and shows that the line to the controller works.</summary>
public static class TestLimit
{
    public static StreamId Stream { get; } = new("operations", "test");

    private static readonly Duration Length = Duration.FromMinutes(1);
    private static readonly Duration Patience = Duration.FromMinutes(2);

    /// <param name="site">Where.</param>
    /// <param name="importLimitW">What is advised, W, zero or more.</param>
    /// <param name="envelopeId">UUIDv7.</param>
    /// <param name="revision">Above that of the site's last test.</param>
    /// <param name="now">When it starts.</param>
    public static Envelope Create(Site site, long importLimitW, Guid envelopeId, long revision, Instant now)
    {
        ArgumentNullException.ThrowIfNull(site);
        ArgumentOutOfRangeException.ThrowIfNegative(importLimitW);
        return new Envelope
        {
            EnvelopeId = envelopeId,
            Revision = revision,
            SiteId = site.SiteId,
            Target = new EnvelopeTarget(TargetKind.Site, site.SiteId),
            Stream = Stream,
            Tier = Tier.Economic,
            Obligation = Obligation.Advisory,
            Segments = [new Segment { From = now, Until = now + Length, Limits = new Limits { ImportLimitW = importLimitW }, Cause = new Cause { TestEvent = true } }],
            Provenance = new Provenance { Protocol = "test", Authority = "Operations" },
        };
    }

    /// <summary>What the controller's receipts say about the test.</summary>
    /// <param name="test">The envelope that was published.</param>
    /// <param name="receipts">The site's receipts, in any order; those of other envelopes are left out.</param>
    /// <param name="now">Until when to wait for them.</param>
    /// <returns>Null while it may still pass.</returns>
    public static ReadinessTest? Evaluate(Envelope test, IEnumerable<Receipt> receipts, Instant now)
    {
        ArgumentNullException.ThrowIfNull(test);
        var mine = receipts.Where(r => r.EnvelopeId == test.EnvelopeId).OrderBy(r => r.At).ToList();
        if (mine.Find(r => r.State is ReceiptState.Rejected or ReceiptState.CannotComply) is { } refused)
        {
            return new ReadinessTest(ReadinessKind.TestLimit, refused.At, false, $"the controller answered {EnumNames<ReceiptState>.GetName(refused.State)}{(refused.Reason is null ? string.Empty : $": {refused.Reason}")}");
        }

        if (mine.Find(r => r.State is ReceiptState.Accepted or ReceiptState.Started or ReceiptState.Completed) is { } taken)
        {
            return new ReadinessTest(ReadinessKind.TestLimit, taken.At, true, "the controller took the test limit");
        }

        return now - test.Segments[0].From < Patience
            ? null
            : new ReadinessTest(ReadinessKind.TestLimit, now, false, mine.Count == 0 ? "no receipt came within two minutes" : "the controller received the limit and did not accept it within two minutes");
    }
}
