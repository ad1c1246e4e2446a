using GridServices.Contracts;
using NodaTime;

namespace GridServices.Hosting;

/// <summary>How well a service hears the utility (or meter) behind each of its streams.</summary>
public interface IUpstreamHealth
{
    /// <summary>False until the service knows its streams: nothing is reported before.</summary>
    bool IsReady => true;

    /// <summary>Judged now, asked every second: <c>Since</c> may be <paramref name="now"/>; the reporter keeps when a status began.</summary>
    IEnumerable<UpstreamStream> Streams(Instant now);
}
