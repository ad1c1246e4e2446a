using GridServices.FrequencyResponse.Service;
using GridServices.Hosting;

return await GridService.RunAsync(args, FrequencyResponseApp.Build);
