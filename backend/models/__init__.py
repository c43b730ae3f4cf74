"""The only room for torch, transformers, trl, peft, vllm and openai. Jobs import these modules late, inside functions.

resolve.py      a model reference → the folder its files lie in (no heavy import)
loading.py      folder → tokenizer and model on the right device
rendering.py    messages → token ids, exactly as TRL renders them when it trains
scoring.py      log-probs and rewards of many responses
generating.py   answers to prompts
training.py     SFT, reward model, DPO through TRL
endpoint.py     an OpenAI-compatible judge endpoint
"""
