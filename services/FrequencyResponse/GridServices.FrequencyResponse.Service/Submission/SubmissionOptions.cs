using GridServices.Hosting.Configuration;

namespace GridServices.FrequencyResponse.Service.Submission;

/// <summary>Where decided plans are submitted to.</summary>
internal sealed record SubmissionOptions : ISettings
{
    public static string Section => "Submission";

    /// <summary>https:// address, or http:// on this machine only, that takes each decided plan by POST; unset: nothing is submitted.</summary>
    public string? Url { get; init; }

    /// <summary>A file whose first line is the bearer token that is sent along; unset: none is.</summary>
    public string? TokenFile { get; init; }

    /// <summary>The tenant whose plans are submitted.</summary>
    public string Tenant { get; init; } = "default";

    /// <summary>How long an answer is waited for, in seconds.</summary>
    public int TimeoutSeconds { get; init; } = 15;

    internal Uri? Address => Uri.TryCreate(Url, UriKind.Absolute, out var uri) ? uri : null;

    public IEnumerable<string> Validate() => Url is null
        ? []
        :
        [
            .. Address is { Scheme: "https" or "http", Host.Length: > 0,
            UserInfo: "" } ? Array.Empty<string>() : ["Submission:Url is no address that plans could be sent to, e.g. https://desk.example/plans; a token has a setting of its own."],
            .. Address is not { Scheme: "http", IsLoopback: false } ? Array.Empty<string>() : ["Submission:Url is not on this machine: plans go over TLS only, write https://."],
            .. Bounds.Within("Submission:TimeoutSeconds", TimeoutSeconds, 1, 120),
        ];
}
