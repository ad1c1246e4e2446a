using GridServices.Hosting;

namespace GridServices.Ieee2030Dot5.Service;

/// <summary>The IEEE 2030.5 service: clients that follow a utility server and publish to the hub. Default port 5120.</summary>
public static class Ieee2030Dot5App
{
    public static WebApplication Build(string[] args)
    {
        var builder = GridService.CreateBuilder(args, new ServiceIdentity("ieee2030-5", 5120, typeof(Ieee2030Dot5App).Assembly));
        builder.Services.AddOutbox();
        return builder.Build().UseGridService();
    }
}
