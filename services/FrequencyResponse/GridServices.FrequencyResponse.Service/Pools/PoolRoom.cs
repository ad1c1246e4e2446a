using System.Globalization;

namespace GridServices.FrequencyResponse.Service.Pools;

/// <summary>The room that a pool has under what others state for its site, W, + = injection, and what makes it so. Neither a number where nobody knows.</summary>
/// <param name="FloorW">Most draw, negative; −∞ = no limit.</param>
/// <param name="CeilingW">Most injection; ∞ = no limit.</param>
internal sealed record PoolRoom(double FloorW, double CeilingW)
{
    public static PoolRoom Unlimited { get; } = new(double.NegativeInfinity, double.PositiveInfinity);

    /// <summary>What others state for the site was never heard, or can't be worked out.</summary>
    public static PoolRoom Unheard { get; } = new(double.NaN, double.NaN) { Unknown = "what others state for the site was never heard, or can't be worked out" };

    public long? ImportLimitW { get; init; }

    public long? ExportLimitW { get; init; }

    /// <summary>What the site draws beside its pools.</summary>
    public RestPower Rest { get; init; }

    /// <summary>False: the site's net power was never told, and counts as nothing.</summary>
    public bool IsMeasured { get; init; }

    /// <summary>Pools that share it.</summary>
    public int Pools { get; init; } = 1;

    /// <summary>The first asset that was never measured; null = each was.</summary>
    public string? Unseen { get; init; }

    /// <summary>What is kept back of the room to draw and of that to inject, since an asset that was never measured may not do what is counted against it.</summary>
    public double KeptImportW { get; init; }

    public double KeptExportW { get; init; }

    /// <summary>More is due once other pools have given back.</summary>
    public bool IsOwed { get; init; }

    /// <summary>Why nobody knows how much room there is.</summary>
    public string? Unknown { get; init; }

    /// <summary>What bounds the import, in a line; null = nothing does.</summary>
    public string? WhyImport => FloorW == double.NegativeInfinity ? null : Explain("import", ImportLimitW, "draws at most", Rest.W.Most, KeptImportW);

    /// <summary>What bounds the export, in a line; null = nothing does.</summary>
    public string? WhyExport => CeilingW == double.PositiveInfinity ? null : Explain("export", ExportLimitW, "draws at least", Rest.W.Least, KeptExportW);

    private string Explain(string way, long? limitW, string draws, double restW, double keptW)
    {
        if (Unknown is { } unknown)
        {
            return $"{unknown}: nothing is {way}ed for a response";
        }

        var beside = IsMeasured ? string.Create(CultureInfo.InvariantCulture, $"the rest of the site {draws} {Math.Round(restW)} W") : "the site's net power was never told: its pools count alone";
        List<string?> parts =
        [
            string.Create(CultureInfo.InvariantCulture, $"{way} limit {limitW} W, and {beside}"),
            Pools > 1 ? $"shared by {Pools} pools by what each may have to deliver" : null,
            Unseen is { } asset ? $"half of it, since asset '{asset}' was never measured: have its power sent" : null,
            keptW > 0 ? string.Create(CultureInfo.InvariantCulture, $"{Math.Round(keptW)} W less, since what is set the other way may not be done") : null,
        ];
        return string.Join("; ", parts.OfType<string>());
    }
}
