using System.Text;
using GridServices.Ieee2030Dot5.Codec;
using GridServices.Ieee2030Dot5.Configuration;

namespace GridServices.Ieee2030Dot5.Discovery;

/// <summary>Which edition is spoken: the one that is configured, else what the server shows.</summary>
internal static class Dialects
{
    private static readonly byte[] Extension = Encoding.ASCII.GetBytes("https://csipaus.org/ns");
    private static readonly byte[] Extension13 = Encoding.ASCII.GetBytes("https://csipaus.org/ns/v1.3");

    public static Sep2Dialect For(DerClientConfig config, DerClientState state) => config.Edition switch
    {
        DerEdition.Ieee2018 => Sep2Dialect.Ieee2018,
        DerEdition.CsipAus12 => Sep2Dialect.CsipAus12,
        DerEdition.CsipAus13 => Sep2Dialect.CsipAus13,
        _ => state.Heard ?? Sep2Dialect.Ieee2018,
    };

    /// <summary>A server that declares the extension's namespace speaks it.</summary>
    public static void Listen(StepContext context, ReadOnlySpan<byte> body)
    {
        if (body.IndexOf(Extension) >= 0)
        {
            var heard = body.IndexOf(Extension13) >= 0 ? Sep2Dialect.CsipAus13 : Sep2Dialect.CsipAus12;
            if (context.State.Heard is null || heard > context.State.Heard)
            {
                context.State = context.State with { Heard = heard };
            }
        }
    }
}
