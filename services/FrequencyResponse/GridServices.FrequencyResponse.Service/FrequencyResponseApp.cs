using GridServices.Hosting;

namespace GridServices.FrequencyResponse.Service;

/// <summary>The frequency response service: from measured frequency to power within a service's rules. Default port 5140.</summary>
public static class FrequencyResponseApp
{
    public static WebApplication Build(string[] args)
    {
        var builder = GridService.CreateBuilder(args, new ServiceIdentity("frequency-response", 5140, typeof(FrequencyResponseApp).Assembly));
        builder.Services.AddOutbox();
        return builder.Build().UseGridService();
    }
}
