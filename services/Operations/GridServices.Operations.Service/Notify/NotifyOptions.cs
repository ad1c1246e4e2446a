namespace GridServices.Operations.Service.Notify;

/// <summary>
/// <c>Notify:Smtp:Host</c>, <c>Port</c> (587), <c>User</c>, <c>Password</c>, <c>From</c>, <c>Tls</c> (true); <c>Notify:PublicUrl</c>: where contacts reach this
/// service, for links. Without a host no mail is sent, and the delivery log says so.
/// </summary>
internal sealed record NotifyOptions(string? Host, int Port, string? User, string? Password, string From, bool Tls, Uri PublicUrl)
{
    internal static NotifyOptions Of(IConfiguration configuration) => new(
        configuration["Notify:Smtp:Host"] is { Length: > 0 } host ? host : null,
        configuration.GetValue<int?>("Notify:Smtp:Port") ?? 587,
        configuration["Notify:Smtp:User"],
        configuration["Notify:Smtp:Password"],
        configuration["Notify:Smtp:From"] ?? "gridservices@localhost.localdomain",
        configuration.GetValue<bool?>("Notify:Smtp:Tls") ?? true,
        new Uri(configuration["Notify:PublicUrl"] is { Length: > 0 } url ? url.TrimEnd('/') : "http://127.0.0.1:5150"));
}
