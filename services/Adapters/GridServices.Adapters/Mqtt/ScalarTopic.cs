using System.Globalization;
using GridServices.Adapters.Lines;

namespace GridServices.Adapters.Mqtt;

/// <summary>The unit of a number at a topic.</summary>
public enum PowerUnit
{
    /// <summary>Whole watts.</summary>
    W,

    /// <summary>Kilowatts, to three places.</summary>
    Kw,
}

/// <summary>How "no limit" is said.</summary>
public enum NoLimitWord
{
    /// <summary>The topic is cleared: an empty retained message.</summary>
    Empty,

    /// <summary>0; only for who takes 0 for unlimited.</summary>
    Zero,
}

/// <summary>A number at a topic, in the words of who reads it.</summary>
public sealed record ScalarTopic
{
    public required string Topic { get; init; }
    public required Quantity Quantity { get; init; }
    public PowerUnit Unit { get; init; }

    /// <summary>The reader takes 0 for "unlimited": 0 W is then told as <see cref="LeastW"/>.</summary>
    public bool IsZeroUnlimited { get; init; }

    /// <summary>The least the reader can be told where 0 means unlimited, W; this one step is looser than the hub. Default 1.</summary>
    public long LeastW { get; init; } = 1;

    /// <summary>How "no limit" is said where there is no <see cref="MostW"/>.</summary>
    public NoLimitWord NoLimit { get; init; }

    /// <summary>What "no limit" is told as, W, and the most that is ever told; null: see <see cref="NoLimit"/>.</summary>
    public long? MostW { get; init; }

    /// <summary>The reader's part of the site's limit, percent, where other peers keep it too.</summary>
    public int SharePercent { get; init; } = Share.Whole;

    /// <summary>The payload for a limit of the site; null: there is none, and that is known.</summary>
    public string FormatLimit(long? siteW)
    {
        var limitW = Share.Compute(siteW, SharePercent);
        var told = limitW is { } limit && MostW is { } most ? Math.Min(limit, most) : limitW ?? MostW;
        return told switch
        {
            null => NoLimit == NoLimitWord.Zero ? "0" : string.Empty,
            0 when IsZeroUnlimited => Number(LeastW),
            { } watts => Number(watts),
        };
    }

    private string Number(long watts) =>
        Unit == PowerUnit.Kw ? (watts / 1000m).ToString("0.###", CultureInfo.InvariantCulture) : watts.ToString(CultureInfo.InvariantCulture);
}
