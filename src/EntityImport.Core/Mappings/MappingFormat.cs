using EntityImport.Catalog;

namespace EntityImport.Mappings;

/// <summary>What is to be known of a mapping's format before its file is there.</summary>
public static class MappingFormat
{
    /// <summary>The name of the encoding that files are read in, unless a byte order mark proves another.</summary>
    public static string ReadEncoding(this Mapping mapping) => ImportDefinitionReader.ReadFormat(mapping).Encoding;
}
