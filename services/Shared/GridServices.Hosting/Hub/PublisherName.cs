namespace GridServices.Hosting.Hub;

/// <summary>Who publishes, as CloudEvents name it: <c>/gridservices/openadr/1</c>; the last part is the setting <c>Instance</c> (default 1).</summary>
public sealed record PublisherName(string Source);
