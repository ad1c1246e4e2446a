namespace GridServices.Hosting;

/// <summary>Where a publisher finds the hub, and as whom it comes.</summary>
public sealed record HubOptions : ISettings
{
    public static string Section => "Hub";

    /// <summary>The hub's address.</summary>
    public string Url { get; init; } = "http://127.0.0.1:5100";

    /// <summary>The publisher token for it.</summary>
    public string? Token { get; init; }

    /// <summary>The tenant that the token belongs to: feedback concerns its sites only.</summary>
    public string Tenant { get; init; } = "default";

    public IEnumerable<string> Validate() =>
    [
        .. Bounds.HttpAddress("Hub:Url", Url, "http://127.0.0.1:5100"),
        .. string.IsNullOrWhiteSpace(Tenant) ? ["Hub:Tenant is empty; name the tenant of the token, e.g. default."] : Array.Empty<string>(),
    ];
}

/// <summary>Which of several publishers of one kind this is.</summary>
public sealed record PublisherOptions : ISettings
{
    public static string Section => string.Empty;

    /// <summary>Names the publisher where several of one kind publish to one hub: <c>/gridservices/{service}/{Instance}</c>.</summary>
    public string Instance { get; init; } = "1";

    public IEnumerable<string> Validate() => string.IsNullOrWhiteSpace(Instance) || Instance.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_' or '.'))
        ? [$"Instance '{Instance}' must be letters, digits, '-', '_' or '.', e.g. 1."]
        : [];
}
