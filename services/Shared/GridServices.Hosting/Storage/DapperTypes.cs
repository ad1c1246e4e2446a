using System.Data;
using System.Globalization;
using Dapper;
using NodaTime;

namespace GridServices.Hosting.Storage;

/// <summary>How Dapper stores NodaTime: an Instant is BIGINT unix ticks of 100 ns, which sorts and compares in both databases.</summary>
internal static class DapperTypes
{
    private static readonly Lock Gate = new();
    private static bool registered;

    internal static void Register()
    {
        lock (Gate)
        {
            if (!registered)
            {
                SqlMapper.AddTypeHandler(new InstantTicks());
                registered = true;
            }
        }
    }

    private sealed class InstantTicks : SqlMapper.TypeHandler<Instant>
    {
        public override void SetValue(IDbDataParameter parameter, Instant value)
        {
            parameter.DbType = DbType.Int64;
            parameter.Value = value.ToUnixTimeTicks();
        }

        public override Instant Parse(object value) => Instant.FromUnixTimeTicks(Convert.ToInt64(value, CultureInfo.InvariantCulture));
    }
}
