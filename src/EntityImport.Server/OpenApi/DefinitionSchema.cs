using System.Globalization;
using System.Text.Json.Nodes;
using EntityImport.Mappings;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace EntityImport.Server.OpenApi;

/// <summary>Describes a mapping's definition by the table of its members: what each means, what holds where it is absent, and what it can be.</summary>
internal static class DefinitionSchema
{
    public static Task Describe(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancellationToken)
    {
        var type = context.JsonTypeInfo.Type;
        var members = type == typeof(Api.ImportDefinition) ? DefinitionMembers.OfDefinition : type == typeof(Api.FieldMapping) ? DefinitionMembers.OfField : [];
        foreach (var member in members)
            if (schema.Properties?[member.Name] is { } property) schema.Properties[member.Name] = Describe(member, property);
        return Task.CompletedTask;
    }

    private static OpenApiSchema Describe(DefinitionMember member, IOpenApiSchema property)
    {
        var described = new OpenApiSchema { Description = member.Description, Default = member.Default, Examples = [member.Example] };
        var absent = member.IsRequired ? 0 : JsonSchemaType.Null;
        switch (member.Kind)
        {
            case MemberKind.Text:
                described.Type = absent | JsonSchemaType.String;
                described.MaxLength = member.Most;
                break;
            case MemberKind.Word:
                described.Type = absent | JsonSchemaType.String;
                described.Enum = [.. member.Words.Select(word => (JsonNode)word), JsonNullSentinel.JsonNull];
                break;
            case MemberKind.Flag:
                described.Type = absent | JsonSchemaType.Boolean;
                break;
            case MemberKind.Number:
                described.Type = absent | JsonSchemaType.Integer;
                described.Format = "int32";
                described.Minimum = member.Least?.ToString(CultureInfo.InvariantCulture);
                described.Maximum = member.Most?.ToString(CultureInfo.InvariantCulture);
                break;
            case MemberKind.DateFormats:
                described.Type = absent | JsonSchemaType.String | JsonSchemaType.Array;
                described.MaxLength = member.Most;
                described.Items = new OpenApiSchema { Type = JsonSchemaType.String, MaxLength = member.Most };
                described.MinItems = 1;
                described.MaxItems = Conversion.DateFormats.MaxCount;
                break;
            case MemberKind.FailureLimit:
                break;
            case MemberKind.TextOrTexts:
                var text = new OpenApiSchema { Type = JsonSchemaType.String, MaxLength = member.Most };
                described.OneOf = [text, new OpenApiSchema { Type = JsonSchemaType.Array, Items = text }, new OpenApiSchema { Type = JsonSchemaType.Null }];
                break;
            case MemberKind.TextMap:
                described.Type = absent | JsonSchemaType.Object;
                described.AdditionalProperties = new OpenApiSchema { Type = JsonSchemaType.String | JsonSchemaType.Null };
                described.MaxProperties = member.Most;
                break;
            case MemberKind.Words:
                described.Type = absent | JsonSchemaType.Array;
                described.Items = new OpenApiSchema { Type = JsonSchemaType.String, Enum = [.. member.Words.Select(word => (JsonNode)word)] };
                described.MaxItems = member.Words.Count;
                break;
            case MemberKind.Texts or MemberKind.Fields:
                described.Type = absent | JsonSchemaType.Array;
                described.Items = property.Items;
                described.MaxItems = member.Most;
                break;
        }

        return described;
    }
}
