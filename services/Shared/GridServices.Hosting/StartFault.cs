using GridServices.Hosting.Storage;
using Microsoft.AspNetCore.Connections;
using Npgsql;

namespace GridServices.Hosting;

/// <summary>Start errors that a person can fix, in one line each.</summary>
internal static class StartFault
{
    internal static string? Explain(Exception fault) => fault switch
    {
        StartException known => known.Message,
        StoreUnavailableException away => away.Message,
        NpgsqlException database => $"The database can't do this now: {OneLine(PostgreSqlFaults.Explain(database))}.",
        IOException { InnerException: AddressInUseException } busy => $"{OneLine(busy.Message)} Stop the program that uses it, or choose another with --urls.",
        System.Net.Sockets.SocketException { SocketErrorCode: System.Net.Sockets.SocketError.AccessDenied } =>
            "This account may not listen on that port. Choose one above 1023 with --urls.",
        System.Net.Sockets.SocketException address => $"The service can't listen where the configuration says: {address.Message}. Check Urls and Kestrel:Endpoints.",
        FileNotFoundException { FileName: { } missing } => $"The file {missing}, which the configuration names, does not exist. Check Kestrel:Endpoints and Kestrel:Certificates, or put it there.",
        DirectoryNotFoundException folder => $"The configuration names a file in a folder that does not exist: {OneLine(folder.Message)} Check Kestrel:Endpoints and Kestrel:Certificates.",
        UnauthorizedAccessException closed => $"The service's account may not read what the configuration names: {OneLine(closed.Message)}",
        System.Security.Cryptography.CryptographicException certificate =>
            $"A certificate or key of the configuration can't be read: {OneLine(certificate.Message)} Check Kestrel:Endpoints and Kestrel:Certificates: PEM needs Path and KeyPath, PKCS #12 needs Path and Password.",
        InvalidOperationException value when value.StackTrace?.Contains("Microsoft.Extensions.", StringComparison.Ordinal) == true && value.Message.Contains("onfiguration value", StringComparison.Ordinal) =>
            $"{OneLine(value.Message)} Durations are written hh:mm:ss, e.g. 00:00:15.",
        InvalidOperationException tls when tls.Message.StartsWith("Unable to configure HTTPS", StringComparison.Ordinal) =>
            "An https address needs a certificate: name it with Kestrel:Certificates:Default:Path and :KeyPath (PEM), or at the endpoint.",
        FormatException address => $"The configuration can't be read: {OneLine(address.Message)}",
        InvalidDataException file => $"The configuration can't be read: {OneLine(file.Message)} {OneLine(file.InnerException?.Message ?? string.Empty)}",
        AggregateException { InnerExceptions: [var only] } => Explain(only),
        _ => null,
    };

    private static string OneLine(string text) => text.ReplaceLineEndings(" ").Trim();
}
