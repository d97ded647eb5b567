// For editors (VS Code's "unified" extension): checks a case study's front matter against casestudies/schema.json.
import frontmatter from "remark-frontmatter";
import frontmatterSchema from "@julian_cataldo/remark-lint-frontmatter-schema";

export default {
  plugins: [frontmatter, [frontmatterSchema, { schemas: { "casestudies/schema.json": ["casestudies/*.md"] } }]],
};
