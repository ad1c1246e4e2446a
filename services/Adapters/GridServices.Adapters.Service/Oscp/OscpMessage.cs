namespace GridServices.Adapters.Service.Oscp;

/// <summary>A message that came.</summary>
/// <param name="Name">The last part of its path.</param>
/// <param name="Body">As sent.</param>
/// <param name="Token">What its sender bears.</param>
/// <param name="Request">Its own id (X-Request-ID); null: it has none.</param>
/// <param name="Answers">The id of the request of ours that it answers (X-Correlation-ID); null: none.</param>
internal sealed record OscpMessage(string Name, string Body, string Token, string? Request, string? Answers);
