using System.Buffers;
using NodaTime;

namespace GridServices.Contracts;

/// <summary>Architecture laws 1, 2, 4 to 7 and 9 as they are checked on reading.</summary>
internal static class EnvelopeRules
{
    private const int LongText = 1024;
    private const int MaxDroopPoints = 64;

    private static readonly SearchValues<char> LowerHex = SearchValues.Create("0123456789abcdef");

    public static Envelope Envelope(ObjectReader o)
    {
        var envelope = new Envelope
        {
            EnvelopeId = o.Guid("envelopeId"),
            Revision = o.Integer("revision", 1, ObjectReader.MaxInteger),
            SiteId = o.Identifier("siteId"),
            Target = o.Object("target", Target)!,
            Stream = o.Object("stream", Stream)!,
            Tier = o.Enum<Tier>("tier"),
            Obligation = o.Enum<Obligation>("obligation"),
            BreachPrice = o.OptionalObject("breachPrice", BreachPrice),
            Segments = o.Array("segments", EnvelopeReader.MaxSegments, Segment),
            Targets = o.OptionalArray("targets", EnvelopeReader.MaxSegments, TargetSegment) ?? [],
            Default = o.OptionalObject("default", d => new DefaultLimits { Limits = d.Object("limits", LimitRules.Limits)! }),
            Failsafe = o.OptionalObject("failsafe", Failsafe),
            Provenance = o.Object("provenance", Provenance)!,
        };
        if (o.Faults.Any)
        {
            return envelope;
        }

        SpanRules.Check(o, "segments", envelope.Segments, s => (s.From, s.Until));
        SpanRules.Check(o, "targets", envelope.Targets, s => (s.From, s.Until));
        CheckSiteTarget(o, envelope.SiteId, envelope.Target);
        if (envelope is { BreachPrice: not null, Obligation: not Obligation.Advisory })
        {
            o.Fail(ErrorClass.SchemaInvalid, "breachPrice", "only an advisory envelope has a price of breaching it; make it advisory or leave the price out");
        }

        return envelope;
    }

    public static Withdrawal Withdrawal(ObjectReader o)
    {
        var withdrawal = new Withdrawal
        {
            SiteId = o.Identifier("siteId"),
            Target = o.Object("target", Target)!,
            Stream = o.Object("stream", Stream)!,
            Revision = o.Integer("revision", 1, ObjectReader.MaxInteger),
            Reason = o.OptionalText("reason", LongText),
        };
        if (!o.Faults.Any)
        {
            CheckSiteTarget(o, withdrawal.SiteId, withdrawal.Target);
        }

        return withdrawal;
    }

    public static EnvelopeTarget Target(ObjectReader o) => new(o.Enum<TargetKind>("kind"), o.Identifier("id"));

    public static StreamId Stream(ObjectReader o) => new(o.Identifier("service"), o.Identifier("key"));

    public static Provenance Provenance(ObjectReader o) => new()
    {
        Protocol = o.Text("protocol", 256),
        Authority = o.Text("authority", LongText),
        Program = o.OptionalText("program", LongText),
    };

    public static Cause Cause(ObjectReader o)
    {
        var sha256 = o.OptionalString("sha256");
        if (sha256 is not null && (sha256.Length != 64 || sha256.AsSpan().ContainsAnyExcept(LowerHex)))
        {
            o.Fail(ErrorClass.SemanticHex, "sha256", "must be 64 lower-case hexadecimal digits");
        }

        return new Cause
        {
            EventId = o.OptionalText("eventId", LongText),
            Modification = o.OptionalInteger("modification", 0, ObjectReader.MaxInteger),
            Priority = o.OptionalInteger("priority", 0, ObjectReader.MaxInteger),
            RandomizedByS = o.OptionalInteger("randomizedByS", -ObjectReader.MaxInteger, ObjectReader.MaxInteger),
            TestEvent = o.OptionalBoolean("testEvent"),
            ReceivedAt = o.OptionalInstant("receivedAt"),
            Sha256 = sha256,
        };
    }

    /// <summary>A site has one connection point: a second "site" target would escape the intersection with the first.</summary>
    private static void CheckSiteTarget(ObjectReader o, string siteId, EnvelopeTarget target)
    {
        if (target.Kind == TargetKind.Site && !string.Equals(target.Id, siteId, StringComparison.Ordinal))
        {
            o.Faults.Add(ErrorClass.SemanticId, o.Path.Child("target").Child("id"), "a target of kind site is the site itself; write the siteId, or another kind");
        }
    }

    private static Segment Segment(ObjectReader o) => new()
    {
        From = o.Instant("from"),
        Until = o.OptionalInstant("until"),
        Limits = o.Object("limits", LimitRules.Limits)!,
        Cause = o.OptionalObject("cause", Cause),
        Bridged = o.OptionalBoolean("bridged"),
        Functions = FunctionRules.Functions(o),
        Ramp = o.OptionalObject("ramp", FunctionRules.Ramp),
    };

    private static TargetSegment TargetSegment(ObjectReader o)
    {
        var target = new TargetSegment
        {
            From = o.Instant("from"),
            Until = o.OptionalInstant("until"),
            TargetW = o.OptionalInteger("targetW", -ObjectReader.MaxInteger, ObjectReader.MaxInteger),
            Droop = o.OptionalArray("droop", MaxDroopPoints, p => new DroopPoint(p.Decimal("hz", 0, 1000, 6), p.Integer("w", -ObjectReader.MaxInteger, ObjectReader.MaxInteger))),
            Cause = o.OptionalObject("cause", Cause),
        };
        if (!o.Faults.Any)
        {
            CheckTarget(o, target);
        }

        return target;
    }

    private static void CheckTarget(ObjectReader o, TargetSegment target)
    {
        if (target.TargetW is null == target.Droop is null)
        {
            o.Fail(ErrorClass.SchemaInvalid, null, "write either targetW or droop");
        }
        else if (target.Droop is { Count: < 2 })
        {
            o.Fail(ErrorClass.SchemaInvalid, "droop", "a curve has at least two points");
        }
        else if (target.Droop is { } droop && droop.Zip(droop.Skip(1)).Any(p => p.Second.Hz <= p.First.Hz))
        {
            o.Fail(ErrorClass.SemanticOrder, "droop", "points must ascend in hz");
        }
    }

    private static BreachPrice BreachPrice(ObjectReader o) =>
        new(o.Decimal("amount", 0, PriceRules.MaxPrice, PriceRules.MaxDecimals), PriceRules.Currency(o, "currency"), o.Enum<BreachUnit>("per"));

    private static Failsafe Failsafe(ObjectReader o)
    {
        var failsafe = new Failsafe
        {
            StaleAfter = o.Duration("staleAfter", zeroAllowed: false),
            OnStale = o.Enum<OnStale>("onStale"),
            Limits = o.OptionalObject("limits", LimitRules.Limits),
            MinDuration = o.OptionalDuration("minDuration", zeroAllowed: true),
        };
        if (failsafe.StaleAfter > Duration.Zero && failsafe.StaleAfter < EnvelopeBounds.ShortestStaleAfter)
        {
            o.Fail(ErrorClass.SemanticDuration, "staleAfter", "must be at least PT1S: heartbeats come three times in it, and not more often than every third of a second");
        }

        if (failsafe is { OnStale: OnStale.Failsafe, Limits: null })
        {
            o.Fail(ErrorClass.SchemaInvalid, "limits", "required with onStale failsafe: say what holds then, {} if nothing");
        }

        return failsafe;
    }
}
