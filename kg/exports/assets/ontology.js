"use strict";
(() => {
  const root = document.documentElement, button = document.getElementById("lang");
  const zh = () => root.lang.startsWith("zh");
  const texts = () => {
    button.textContent = zh() ? "English" : "中文";
    button.lang = zh() ? "en" : "zh-CN";
    document.title = root.dataset[zh() ? "zh" : "en"];
  };
  button.hidden = false;
  button.addEventListener("click", () => { root.lang = zh() ? "en" : "zh-CN"; texts(); });
  texts();
  root.dataset.ready = "1";
})();
