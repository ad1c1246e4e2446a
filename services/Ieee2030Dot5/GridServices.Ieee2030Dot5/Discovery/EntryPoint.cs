using GridServices.Contracts;
using GridServices.Ieee2030Dot5.Codec;
using GridServices.Ieee2030Dot5.Configuration;
using GridServices.Ieee2030Dot5.Session;
using GridServices.Wire;

namespace GridServices.Ieee2030Dot5.Discovery;

/// <summary>The way to DeviceCapability: the URL a person gave, or CSIP-AUS 1.3's <c>/.well-known/csipaus</c>.</summary>
internal static class EntryPoint
{
    public const string WellKnownPath = "/.well-known/csipaus";

    public static bool IsWellKnown(DerClientConfig config) =>
        config.Discovery is { } chosen ? chosen == DerDiscovery.WellKnown : Hrefs.GetPath(config.ServerUrl) == "/";

    /// <summary>Where the entrance is given, it is known.</summary>
    public static void Open(StepContext context)
    {
        if (context.State.Entry is null && !IsWellKnown(context.Config))
        {
            context.State = context.State with { Entry = Hrefs.GetPath(context.Config.ServerUrl) };
        }
    }

    public static void Process(StepContext context, Node node, ReadOnlyMemory<byte> body)
    {
        var (document, refusal) = WellKnownCsipAus.Read(body);
        if (document is null)
        {
            Reads.Refuse(context, node, refusal!);
            return;
        }

        foreach (var dialect in GetDialects(context.Config))
        {
            // CSIP-AUS SDVN-01: versions of others, without a name or without a path are skipped.
            if (document.FindDeviceCapability(dialect) is not { } offered)
            {
                continue;
            }

            if (Hrefs.TryPin(context.Config.ServerUrl, WellKnownPath, offered, out var path, out var why))
            {
                LinkPolicy.OnAnswered(context, new DerPurpose.Read(NodeKind.WellKnown, WellKnownPath, 0));
                context.Line = context.Line with { Readings = context.Line.Readings.SetItem(node.Key, new NodeReading { ReadAt = context.Now, IsRead = true }) };
                context.State = context.State with { Nodes = context.State.Nodes.SetItem(node.Key, node with { UnreadSince = null }) };
                if (context.State.Entry != path || context.State.Heard != dialect)
                {
                    context.State = context.State with { Entry = path, Heard = dialect };
                    context.Inform(NoteKind.Discovered, $"DeviceCapability of {dialect} is at {path}.");
                }

                return;
            }

            context.Warn(NoteKind.HrefRefused, ErrorClass.SsrfBlocked, $"The entry of {dialect} in {WellKnownPath} is refused: {why}.", WellKnownPath);
        }

        Reads.Refuse(context, node, new ReadError(ErrorClass.SchemaInvalid, "/supportedSchemaVersions", $"no version that is spoken here ({string.Join(", ", GetDialects(context.Config))}) is offered with a path"));
    }

    /// <summary>What to do where there is no such document; said with the first refusal.</summary>
    public const string Absent = $"the server has no {WellKnownPath}; write the path of DeviceCapability in serverUrl, such as https://utility.example/dcap";

    private static IReadOnlyList<Sep2Dialect> GetDialects(DerClientConfig config) => config.Edition switch
    {
        DerEdition.CsipAus12 => [Sep2Dialect.CsipAus12],
        DerEdition.CsipAus13 => [Sep2Dialect.CsipAus13],
        _ => [Sep2Dialect.CsipAus13, Sep2Dialect.CsipAus12],
    };
}
