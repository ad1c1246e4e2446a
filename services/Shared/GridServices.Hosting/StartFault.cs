using Microsoft.AspNetCore.Connections;

namespace GridServices.Hosting;

/// <summary>Start errors that a person can mend, in one line each.</summary>
internal static class StartFault
{
    internal static string? Explain(Exception fault) => fault switch
    {
        StartException known => known.Message,
        StoreUnavailableException away => away.Message,
        IOException { InnerException: AddressInUseException } busy => $"{OneLine(busy.Message)} Stop the program that uses it, or choose another with --urls.",
        System.Net.Sockets.SocketException { SocketErrorCode: System.Net.Sockets.SocketError.AccessDenied } =>
            "This account may not listen on that port. Choose one above 1023 with --urls.",
        System.Net.Sockets.SocketException address => $"The service can't listen where it is told to: {address.Message}. Check Urls and Kestrel:Endpoints.",
        FileNotFoundException { FileName: { } missing } when missing.EndsWith(".json", StringComparison.Ordinal) => $"The settings file {missing} does not exist; name another with --Settings.",
        FormatException address => $"The configuration can't be read: {OneLine(address.Message)}",
        InvalidDataException file => $"The configuration can't be read: {OneLine(file.Message)} {OneLine(file.InnerException?.Message ?? string.Empty)}",
        AggregateException { InnerExceptions: [var only] } => Explain(only),
        _ => null,
    };

    private static string OneLine(string text) => text.ReplaceLineEndings(" ").Trim();
}
