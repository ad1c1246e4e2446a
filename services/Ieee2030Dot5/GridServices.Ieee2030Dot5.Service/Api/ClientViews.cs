using GridServices.Contracts;
using GridServices.Ieee2030Dot5.Configuration;
using GridServices.Ieee2030Dot5.Devices;
using GridServices.Ieee2030Dot5.Service.Driver;
using GridServices.Ieee2030Dot5.Service.Hub;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Service.Api;

/// <summary>A client and how it fares.</summary>
public sealed record ClientItem
{
    public required string ClientKey { get; init; }
    public required string ServerUrl { get; init; }
    public required DerMode Mode { get; init; }
    public required IReadOnlyList<string> Sites { get; init; }
    public required ClientCondition Condition { get; init; }

    internal static ClientItem From(ClientView view, Instant now) => new()
    {
        ClientKey = view.Id.Key,
        ServerUrl = view.Config.ServerUrl,
        Mode = view.Config.Mode,
        Sites = [.. view.Config.AllDevices().Select(d => d.SiteId)],
        Condition = ClientCondition.From(view, now),
    };
}

/// <summary>One client in full.</summary>
public sealed record ClientDetail
{
    public required string ClientKey { get; init; }

    /// <summary>As it was PUT, with defaults.</summary>
    public required DerClientConfig Config { get; init; }

    /// <summary>Where the utility's server notifies this client: the path below the public URL of this service.</summary>
    public required string NotificationPath { get; init; }

    public required ClientCondition Condition { get; init; }

    /// <summary>What happened lately, newest first.</summary>
    public required IReadOnlyList<NoteItem> Notes { get; init; }

    /// <summary>What was taken though it looks doubtful; in answers to PUT.</summary>
    public IReadOnlyList<string>? Warnings { get; init; }

    internal static ClientDetail From(ClientView view, Instant now, IReadOnlyList<string>? warnings = null) => new()
    {
        ClientKey = view.Id.Key,
        Config = view.Config,
        NotificationPath = $"{Driver.NotificationPath.Prefix}/{view.NotificationId}",
        Condition = ClientCondition.From(view, now),
        Notes = [.. view.Notes.Reverse().Select(n => new NoteItem(n.At, n.Level, n.Kind, n.Class is { } error ? Problems.GetName(error) : null, n.About is null ? null : SafeText.Line(n.About), n.Text))],
        Warnings = warnings is { Count: > 0 } ? warnings : null,
    };
}

/// <summary>What happened.</summary>
/// <param name="At">When.</param>
/// <param name="Level">alarm: a person must do something.</param>
/// <param name="Kind">What it is about.</param>
/// <param name="Class">The error class, where something was refused.</param>
/// <param name="About">The mRID or href.</param>
/// <param name="Text">In words.</param>
public sealed record NoteItem(Instant At, NoteLevel Level, NoteKind Kind, string? Class, string? About, string Text);

/// <summary>How a client fares.</summary>
public sealed record ClientCondition
{
    /// <summary>Who we are to the server.</summary>
    public string? Lfdi { get; init; }

    public string? Sfdi { get; init; }

    /// <summary>How well the server is heard.</summary>
    public required UpstreamStatus Status { get; init; }

    /// <summary>Why not better, where it is not ok.</summary>
    public string? Detail { get; init; }

    public Instant? LastHeardAt { get; init; }

    /// <summary>Positive: the server's clock is ahead; by its Date header, to a second or so.</summary>
    public double? ClockSkewS { get; init; }

    /// <summary>How the subscriptions stand; absent: the client only polls.</summary>
    public SubscriptionHealth? Subscriptions { get; init; }

    internal static ClientCondition From(ClientView view, Instant now)
    {
        var (status, detail) = UpstreamRule.Classify(view, now);
        return new ClientCondition
        {
            Lfdi = view.Lfdi,
            Sfdi = view.Lfdi is { } lfdi ? Identity.Lfdi.Parse(lfdi).Sfdi.Text : null,
            Status = status,
            Detail = detail,
            LastHeardAt = view.HeardAt,
            ClockSkewS = view.ClockSkew is { } skew ? Math.Round(skew.TotalSeconds, 1) : null,
            Subscriptions = SubscriptionHealth.For(view.Engine, view.State, now),
        };
    }
}

/// <summary>What came of an action.</summary>
public sealed record ActionResponse(ClientCondition Condition, IReadOnlyList<string> Notes);
