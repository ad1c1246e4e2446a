using System.Security.Cryptography;
using System.Text;

namespace GridServices.OpenAdr.Events;

/// <summary>Which share of the random time after an event a site waits: spread over the sites, another one after each event, and the same whenever it is computed.</summary>
internal static class RecoveryShares
{
    /// <summary>Slots are 0 to this: enough to spread sites, few enough to compute a schedule once for each.</summary>
    public const int Last = 63;

    /// <summary>0 to <see cref="Last"/>: the site's after this event.</summary>
    public static int Between(int siteSlot, string eventId) => (siteSlot + ComputeSlot(eventId)) % (Last + 1);

    /// <summary>The slot of a site's or an event's name.</summary>
    public static int ComputeSlot(string name) => SHA256.HashData(Encoding.UTF8.GetBytes(name))[0] % (Last + 1);
}
