using GridServices.Hosting.Configuration;
using GridServices.Hosting.Storage;

namespace GridServices.FrequencyResponse.Service.Recording;

/// <summary>How much of the log of samples and set-points is kept.</summary>
internal sealed record EvidenceOptions : ISettings
{
    private const long MiB = 1_048_576;

    public static string Section => "Evidence";

    /// <summary>Folder of the log; where it is unset: `evidence` beside the store.</summary>
    public string? Path { get; init; }

    /// <summary>Size of one segment.</summary>
    public long SegmentMiB { get; init; } = 16;

    /// <summary>Most that is kept per pool; the oldest segments go, and two are always kept. 20 samples a second are about 1 GB a day.</summary>
    public long MaxMiB { get; init; } = 2_048;

    /// <summary>
    /// Segments older than this many days go, also those of contracts that are gone; unset: as long as `MaxMiB` lasts. Looked for each hour, and not
    /// while the clock is being set. GET …/retention tells the size that the days take.
    /// </summary>
    public int? KeepDays { get; init; }

    public long SegmentBytes => SegmentMiB * MiB;

    public long MaxBytes => Math.Max(2 * SegmentMiB, MaxMiB) * MiB;

    /// <summary>The folder that counts.</summary>
    public string FolderBeside(StorageOptions storage) =>
        System.IO.Path.GetFullPath(Path is { Length: > 0 } stated ? stated : System.IO.Path.Combine(storage.Folder, "evidence"));

    public IEnumerable<string> Validate() =>
    [
        .. Bounds.Within("Evidence:SegmentMiB", SegmentMiB, 1, 1_024),
        .. Bounds.Within("Evidence:MaxMiB", MaxMiB, 1, 1_048_576),
        .. KeepDays is { } days ? Bounds.Within("Evidence:KeepDays", days, 1, 3_660) : [],
    ];
}
