"""Tests of the site and its own search in a real browser, and of the page's code in Node."""
