namespace GridServices.FrequencyResponse.Service.Recording;

/// <summary>
/// <c>Evidence:Path</c> (default: <c>evidence</c> beside the store), <c>Evidence:SegmentMiB</c>, <c>Evidence:MaxMiB</c> per pool: the oldest segments go.
/// </summary>
internal sealed record EvidenceOptions(string Path, long SegmentBytes, long MaxBytes)
{
    private const long MiB = 1_048_576;

    public static EvidenceOptions From(IConfiguration configuration)
    {
        var beside = configuration["Storage:Path"] is { Length: > 0 } store ? store : "data";
        var path = configuration["Evidence:Path"] is { Length: > 0 } stated ? stated : System.IO.Path.Combine(beside, "evidence");
        var segment = Math.Clamp(configuration.GetValue("Evidence:SegmentMiB", 16L), 1, 1_024);
        return new EvidenceOptions(System.IO.Path.GetFullPath(path), segment * MiB, Math.Max(2 * segment, configuration.GetValue("Evidence:MaxMiB", 2_048L)) * MiB);
    }
}
